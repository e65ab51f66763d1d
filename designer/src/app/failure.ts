import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { ApiFailure } from '../api/client.ts';

/** What went wrong, in the reader's language: by the error's code, with the API's detail for this request. */
export function failureText(error: unknown): string {
  if (!(error instanceof ApiFailure)) return i18next.t('app:errors.unknown');
  const known = i18next.t(`app:errors.${error.code}`, { defaultValue: '' });
  const fields = error.problem?.errors?.map(({ path, message }) => `${path.replace(/^body\.?/, '')}: ${message}`);
  const more = fields && fields.length > 0 ? fields.join('; ') : error.problem?.detail;
  return [known || error.problem?.title || error.code, more].filter(Boolean).join(' ');
}

const closeButton = () => ({ closeButtonProps: { 'aria-label': i18next.t('resources:close') } });

/** Tells at the edge of the page that something was not done. */
export function tellFailure(error: unknown): void {
  notifications.show({ color: 'red', title: i18next.t('app:failed'), message: failureText(error), ...closeButton() });
}

/** Tells at the edge of the page that something was done. */
export function tellDone(message: string): void {
  notifications.show({ color: 'teal', message, ...closeButton() });
}
