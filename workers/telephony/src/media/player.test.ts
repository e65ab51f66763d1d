import { describe, expect, it } from 'vitest';
import type { MediaEndpoint, RunEnd } from './endpoint.ts';
import { createPlayer } from './player.ts';

/** A channel that runs one application until told how it ends. */
function channel() {
  const started: string[] = [];
  const ends: ((end: RunEnd) => void)[] = [];
  let interrupts = 0;
  const endpoint = {
    run: (application: string, argument: string) => {
      started.push(`${application} ${argument}`);
      return new Promise<RunEnd>((resolve) => ends.push(resolve));
    },
    interrupt: () => {
      interrupts += 1;
    },
  } as unknown as MediaEndpoint;
  const settle = async (end: RunEnd = 'ended'): Promise<void> => {
    ends.shift()?.(end);
    await new Promise((resume) => setImmediate(resume));
  };
  return { endpoint, started, settle, interrupts: () => interrupts };
}

describe('player', () => {
  it('plays a list at once and tells how it ended', async () => {
    const { endpoint, started, settle } = channel();
    const playing = createPlayer(endpoint).play(['/a.wav', '/b.wav']);
    expect(started).toEqual(['playback /a.wav!/b.wav']);
    await settle('missing');
    expect(await playing.done).toBe('missing');
  });

  it('starts the next only when the media server has ended the last', async () => {
    const { endpoint, started, settle, interrupts } = channel();
    const player = createPlayer(endpoint);
    const music = player.play(['music']);
    const prompt = player.play(['prompt']);
    expect(await music.done).toBe('cut');
    expect(interrupts()).toBe(1);
    expect(started).toEqual(['playback music']);
    await settle();
    expect(started).toEqual(['playback music', 'playback prompt']);
    await settle();
    expect(await prompt.done).toBe('ended');
  });

  it('never starts what was cut while it waited', async () => {
    const { endpoint, started, settle } = channel();
    const player = createPlayer(endpoint);
    player.play(['one']);
    const two = player.play(['two']);
    const three = player.play(['three']);
    expect(await two.done).toBe('cut');
    await settle();
    expect(started).toEqual(['playback one', 'playback three']);
    await settle();
    expect(await three.done).toBe('ended');
  });

  it('interrupts once, and not what has ended', async () => {
    const { endpoint, settle, interrupts } = channel();
    const player = createPlayer(endpoint);
    const playing = player.play(['one']);
    playing.cut();
    playing.cut();
    expect(interrupts()).toBe(1);
    await settle();
    playing.cut();
    await player.silence();
    expect(interrupts()).toBe(1);
  });

  it('is silent only when the last has really gone', async () => {
    const { endpoint, settle } = channel();
    const player = createPlayer(endpoint);
    player.run('echo', '');
    let silent = false;
    const waiting = player.silence().then(() => {
      silent = true;
    });
    await new Promise((resume) => setImmediate(resume));
    expect(silent).toBe(false);
    await settle();
    await waiting;
    expect(silent).toBe(true);
  });
});
