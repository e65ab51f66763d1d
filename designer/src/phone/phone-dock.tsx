/** Calls of the moment over whatever page is shown: those of this browser's phone to be handled, those of other phones to be seen. */
import { Affix, Alert, Paper, ScrollArea, Stack, VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CallCard } from './call-card.tsx';
import { LineCard } from './line-card.tsx';
import { callOfLine, type MyCall, useMyCalls } from './my-calls.ts';
import { usePhone } from './phone-store.ts';
import { ring } from './ring.ts';

export default function PhoneDock() {
  const { t } = useTranslation('own');
  const { lines, failure, forgetFailure } = usePhone();
  const calls = useMyCalls();
  const [hidden, setHidden] = useState<readonly string[]>([]);
  useEffect(() => {
    usePhone.getState().resume();
    return () => usePhone.getState().leave();
  }, []);
  const rings = lines.some(({ state }) => state === 'ringing');
  useEffect(() => (rings ? ring() : undefined), [rings]);
  const ofLines = lines.map((line) => callOfLine(line, calls)?.id);
  const elsewhere = calls.filter(({ id }) => !ofLines.includes(id) && !hidden.includes(id));
  if (lines.length === 0 && elsewhere.length === 0 && failure === null) return null;
  return (
    <Affix position={{ bottom: 12, right: 12 }} zIndex={150} withinPortal={false}>
      <Paper component="section" aria-label={t('phone.calls')} shadow="lg" w={340} maw="calc(100vw - 24px)">
        <ScrollArea.Autosize
          mah="80dvh"
          type="auto"
          viewportProps={{ tabIndex: 0, 'aria-label': t('phone.calls'), role: 'group' }}
        >
          <Stack gap={8}>
            <Announcement calls={calls} />
            {failure && (
              <Alert
                color="red"
                variant="outline"
                role="alert"
                withCloseButton
                closeButtonLabel={t('phone.hide')}
                onClose={forgetFailure}
              >
                {t(`phone.failures.${failure}`)}
              </Alert>
            )}
            {lines.map((line) => (
              <LineCard key={line.id} line={line} call={callOfLine(line, calls)} />
            ))}
            {elsewhere.map((call) => (
              <CallCard key={call.id} call={call} onHide={() => setHidden([...hidden, call.id])} />
            ))}
          </Stack>
        </ScrollArea.Autosize>
      </Paper>
    </Affix>
  );
}

/** Said by a screen reader when somebody calls. */
function Announcement({ calls }: { readonly calls: readonly MyCall[] }) {
  const { t } = useTranslation('own');
  const ringing = calls.find(({ role, state }) => role === 'called' && state === 'ringing');
  return (
    <VisuallyHidden role="status">
      {ringing ? t('phone.incoming', { name: ringing.other.name || ringing.other.number }) : ''}
    </VisuallyHidden>
  );
}
