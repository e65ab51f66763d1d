/** The ports of speech: a provider that speaks, one that recognises while somebody speaks, one that turns recordings into text. One folder per provider, proven by `conformance/`. */

/** Mono 16-bit PCM. */
export interface Pcm {
  readonly samples: Int16Array;
  readonly sampleRateHz: number;
}

export interface SpeakRequest {
  /** Plain text, at most 4000 characters; markup is spoken, not interpreted. */
  readonly text: string;
  /** BCP 47, e.g. `fr` or `en-GB`; the provider takes the nearest voice of the same primary language. */
  readonly language: string;
}

/** Text to speech. */
export interface SpeakingProvider {
  /** Folder name; part of the cache key together with `version`. */
  readonly id: string;
  readonly version: string;
  /** Primary language tags it has a voice for. */
  readonly languages: readonly string[];
  /** Rejects with a `SpeechError`: `SPE_LANGUAGE`, `SPE_TEXT`, `SPE_TIMEOUT` or `SPE_PROVIDER`. */
  speak(request: SpeakRequest): Promise<Pcm>;
  close(): Promise<void>;
}

/** What was recognised so far; `final` closes the utterance. `value` is personal: never logged. */
export interface Recognition {
  readonly value: string;
  readonly confidence: number;
  readonly final: boolean;
}

export interface RecognitionSession {
  /** Feed audio in order; returns what became known through it. */
  push(pcm: Pcm): readonly Recognition[];
  /** No more audio: flush. */
  end(): readonly Recognition[];
}

/** Speech (or in-band signal) to text. */
export interface RecognisingProvider {
  readonly id: string;
  /** Language tags; empty when the provider knows no language (signals). */
  readonly languages: readonly string[];
  open(options: { readonly language: string; readonly sampleRateHz: number }): RecognitionSession;
}

/** A whole recording that is to become text. */
export interface TranscribeRequest {
  /** Telephone WAV. */
  readonly wav: Uint8Array;
  /** BCP 47; null: the provider finds out. */
  readonly language: string | null;
}

/** What was said; empty when nothing was. Personal: never logged. */
export interface Transcript {
  readonly text: string;
  /** As the provider calls it; null when it does not say. */
  readonly language: string | null;
}

/** Recordings to text. */
export interface TranscribingProvider {
  readonly id: string;
  /** Rejects with a `SpeechError`: `SPE_PROVIDER` and `SPE_TIMEOUT` may pass, `SPE_REFUSED` will not. */
  transcribe(request: TranscribeRequest): Promise<Transcript>;
}
