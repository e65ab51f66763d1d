/** call_action with accept and answer (V-014, optional): the phone that rings is to take the call by itself. */
import { expect, it } from 'vitest';
import { wireRequest } from '../src/conformance.ts';
import { fakeHost } from '../src/fake-host.ts';
import { Settings } from './settings.ts';
import { voispeed } from './voispeed.contract.ts';

async function act(action: string, answered: boolean) {
  const host = fakeHost();
  const [call] = await host.calls();
  const legs = call!.legs.map((leg) => ({ ...leg, answered: leg.role === 'calling' || answered }));
  const module = { id: 'm', name: 'Test', settings: Settings.parse({}) };
  const query = `service=call_action&ext=35&call_id=3250&action=${action}`;
  const request = wireRequest('GET', `/PBX/seri_endpoint.php?${query}`);
  const { body } = await voispeed.answer(request, module, { ...host, call: async () => ({ ...call!, legs }) });
  return { body, asked: host.asked };
}

it.each(['accept', 'answer', 'Answer'])('%s', async (action) => {
  const { body, asked } = await act(action, false);
  expect(body).toContain('<outcome>0</outcome>');
  expect(asked).toEqual(['control call-3250 {"kind":"answer","leg":"leg-2"}']);
});

it('is refused when the call does not ring any more', async () => {
  const { body, asked } = await act('answer', true);
  expect(body).toContain('<error>call not ringing</error>');
  expect(asked).toEqual([]);
});
