import { describe, expect, it } from 'vitest';
import { toneShare } from './goertzel.test-tool.ts';
import { parseTone, renderTone } from './tone.ts';

describe('tone_stream', () => {
  it('reads segments, loops and volume', () => {
    expect(parseTone('%(2000,4000,440,480);loops=-1')).toEqual({
      segments: [{ onMs: 2000, offMs: 4000, frequencies: [440, 480], volumeDb: -7 }],
      loops: -1,
    });
    const two = parseTone('v=-20;%(100,50,300);%(100,0,600);loops=3');
    expect(two?.loops).toBe(3);
    expect(two?.segments.map((each) => [each.frequencies[0], each.volumeDb])).toEqual([
      [300, -20],
      [600, -20],
    ]);
    expect(parseTone('L=2;%(100,100,440)')?.segments).toHaveLength(2);
  });

  it.each([
    ['nothing', ''],
    ['an open bracket', '%(100,100,440'],
    ['no frequency', '%(100,100)'],
    ['a word', '%(100,100,abc)'],
    ['a negative time', '%(-1,100,440)'],
    ['above half the sample rate', '%(100,100,4000)'],
    ['longer than a minute', '%(60000,10000,440)'],
    ['loops that would fill memory', 'L=1000;%(1000,0,440)'],
    ['something else', 'hello'],
  ])('refuses %s', (_, text) => {
    expect(parseTone(text)).toBeNull();
  });

  it('renders both frequencies for the on time and silence for the off time', () => {
    const pcm = renderTone(parseTone('%(500,500,440,620)')!);
    expect(pcm).toHaveLength(8000);
    expect(toneShare(pcm.subarray(0, 4000), 440)).toBeGreaterThan(0.45);
    expect(toneShare(pcm.subarray(0, 4000), 620)).toBeGreaterThan(0.45);
    expect(toneShare(pcm.subarray(0, 4000), 900)).toBeLessThan(0.01);
    expect(pcm.subarray(4000).every((sample) => sample === 0)).toBe(true);
  });

  it('renders digits as DTMF pairs', () => {
    const pcm = renderTone(parseTone('5')!);
    expect(toneShare(pcm.subarray(0, 2000), 770)).toBeGreaterThan(0.45);
    expect(toneShare(pcm.subarray(0, 2000), 1336)).toBeGreaterThan(0.45);
  });

  it('never clips', () => {
    const pcm = renderTone(parseTone('v=0;%(200,0,400,500,600,700,800,900,1000,1100)')!);
    expect(Math.max(...pcm)).toBeLessThanOrEqual(32767);
  });
});
