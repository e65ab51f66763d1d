declare module '@echogarden/espeak-ng-emscripten' {
  interface Worker {
    set_voice(name: string): number;
    set_rate(wordsPerMinute: number): void;
    get_samplerate(): number;
    synthesize(text: string, onAudio: (audio: ArrayBuffer | null, events: unknown[]) => number): void;
  }
  export default function load(): Promise<{ eSpeakNGWorker: new () => Worker }>;
}
