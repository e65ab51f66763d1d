import { modals } from '@mantine/modals';
import i18next from 'i18next';

interface Question {
  readonly title: string;
  readonly about: string;
  /** What the button that goes on says. */
  readonly action: string;
}

/** Asks before something that cannot be undone. */
export function askFirst({ title, about, action }: Question, then: () => void): void {
  modals.openConfirmModal({
    title,
    children: about,
    labels: { confirm: action, cancel: i18next.t('resources:cancel') },
    confirmProps: { color: 'red' },
    closeButtonProps: { 'aria-label': i18next.t('resources:close') },
    onConfirm: then,
  });
}
