/** The two ports of speech: a provider that speaks and one that recognises. One folder per provider, proven by `conformance/`. */

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
