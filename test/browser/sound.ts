/** A browser that talks and listens: a microphone without a person, and what the page plays. */

/** A microphone that beeps, given without being asked for; candidates on this machine's own address. */
export const FAKE_DEVICES = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
];

/** Runs in the page: the loudest frequency of what the call's element plays; 0 in silence. */
export const LOUDEST = `(() => {
  const stream = [...document.querySelectorAll('audio')].map((each) => each.srcObject).find(Boolean);
  if (!stream) return 0;
  const context = (window.listening ??= new AudioContext());
  if (window.heardStream !== stream) {
    window.heardStream = stream;
    window.analyser = new AnalyserNode(context, { fftSize: 4096 });
    context.createMediaStreamSource(stream).connect(window.analyser);
  }
  const bins = new Float32Array(window.analyser.frequencyBinCount);
  window.analyser.getFloatFrequencyData(bins);
  const at = bins.indexOf(Math.max(...bins));
  return Number.isFinite(bins[at]) && bins[at] > -60 ? (at * context.sampleRate) / 4096 : 0;
})()`;
