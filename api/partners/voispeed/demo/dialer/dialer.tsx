/** The predictive dialer (V-064), by hand: whom to call, who talks, and what becomes of each call. */
import { useState } from 'react';
import { useTexts } from '../language.tsx';
import { usePolled } from '../polled.ts';
import { useLines } from '../receiver.ts';
import { ReceiverPanel } from '../receiver-panel.tsx';
import { gateways, responders, users } from '../seri.ts';
import { Program, type Session } from '../session.tsx';
import { CampaignForm } from './campaign-form.tsx';
import { CampaignView } from './campaign-view.tsx';
import { useCampaign } from './use-campaign.ts';

const POLL_MS = 3_000;

export default function Dialer() {
  const texts = useTexts();
  return <Program title={texts.dialer}>{(session) => <Desk key={session.token} session={session} />}</Program>;
}

function Desk({ session }: { readonly session: Session }) {
  const { token, receivers } = session;
  const texts = useTexts();
  const [last, setLast] = useState<string | null>(null);
  const world = usePolled(async () => {
    const [lines, people, flows] = await Promise.all([gateways(token), users(token), responders(token)]);
    return { gateways: lines, users: people, responders: flows };
  }, POLL_MS);
  const { campaign, begin, start, stop, drop, event } = useCampaign(token);
  const open = useLines(token, (line) => {
    setLast(line.at);
    event(line.query);
  });
  return (
    <>
      <ReceiverPanel receivers={receivers} open={open} last={last} />
      {world.fault && <p role="alert">{world.value ? world.fault : texts.needsExtended}</p>}
      {campaign ? (
        <CampaignView campaign={campaign} start={start} stop={stop} drop={drop} />
      ) : (
        world.value && <CampaignForm {...world.value} begin={begin} />
      )}
    </>
  );
}
