/** Sample-rate conversion by a windowed sinc (Hann window); done once per file, so clarity comes before speed. */

const HALF_WIDTH = 16;
/** Every whole-number rate repeats its phases within one second of 8 kHz output. */
const SAMPLE_RATE_PHASES = 8000;

/** Converts `pcm` from one rate to another; the pass band ends a little below half of the lower rate. */
export function resample(pcm: Int16Array, fromRate: number, toRate: number): Int16Array {
  const step = fromRate / toRate;
  const cutoff = Math.min(1, toRate / fromRate) * 0.92;
  const reach = Math.ceil(HALF_WIDTH / cutoff);
  const out = new Int16Array(Math.floor(pcm.length / step));
  const kernels = buildKernels(step, cutoff, reach);
  for (let i = 0; i < out.length; i++) {
    const centre = Math.floor(i * step);
    const kernel = kernels[i % kernels.length] as Float32Array;
    let sum = 0;
    for (let k = 0; k < kernel.length; k++) {
      const at = centre - reach + 1 + k;
      if (at >= 0 && at < pcm.length) sum += (pcm[at] as number) * (kernel[k] as number);
    }
    out[i] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return out;
}

/** One kernel per distinct phase; rates with an awkward ratio get many (44.1 kHz → 8 kHz has 80). */
function buildKernels(step: number, cutoff: number, reach: number): Float32Array[] {
  let phases = 1;
  while (phases < SAMPLE_RATE_PHASES && Math.abs(phases * step - Math.round(phases * step)) > 1e-9) phases++;
  return Array.from({ length: phases }, (_, phase) => {
    const fraction = phase * step - Math.floor(phase * step);
    const kernel = Float32Array.from({ length: reach * 2 }, (__, k) => {
      const x = k - reach + 1 - fraction;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x * cutoff) / (Math.PI * x * cutoff);
      const window = Math.abs(x) >= reach ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * x) / reach);
      return sinc * window;
    });
    const gain = kernel.reduce((sum, value) => sum + value, 0);
    return kernel.map((value) => value / gain);
  });
}
