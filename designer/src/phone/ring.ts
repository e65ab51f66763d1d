/** Two tones, as a telephone rings; silent in a browser that lets no page sound before it is touched. */
const TONES_HZ = [440, 480];
const ON_SECONDS = 1;
const PERIOD_SECONDS = 4;
/** Longer than anything rings. */
const PERIODS = 60;
const LOUDNESS = 0.08;

/** Rings until what it returns is called. */
export function ring(): () => void {
  const context = new AudioContext();
  const gain = new GainNode(context, { gain: 0 });
  gain.connect(context.destination);
  for (let i = 0; i < PERIODS; i++) {
    const at = context.currentTime + i * PERIOD_SECONDS;
    gain.gain.setValueAtTime(LOUDNESS, at);
    gain.gain.setValueAtTime(0, at + ON_SECONDS);
  }
  for (const frequency of TONES_HZ) {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(gain);
    tone.start();
  }
  return () => void context.close();
}
