/** How a test phone is made, and what it does with incoming calls. */
import type { Credentials } from './digest.ts';
import type { RtpStreamOptions } from './rtp.ts';

export interface PhoneOptions {
  readonly serverPort: number;
  readonly serverHost?: string;
  readonly credentials?: Credentials;
  /** User part of our address; the log-in name when there are credentials. */
  readonly name?: string;
  readonly rtp?: Partial<RtpStreamOptions>;
  /** What to do with an incoming call: answer after ms, ring only, or refuse with a status. */
  readonly incoming?: IncomingPolicy;
  /** Number in the To of our INVITEs, where it is not the one they are sent to. */
  readonly inviteTo?: string;
  /** More headers of our INVITEs. */
  readonly inviteHeaders?: HeaderLines;
  /** More headers of our 200 to an INVITE, within a dialog or not. */
  readonly answerHeaders?: HeaderLines;
  /** Parameters of the Contact that is registered, e.g. `;q=0.5`. */
  readonly contactParams?: string;
  /** Host and port in our Contact, where they are not our own: as behind a NAT. */
  readonly contactHost?: string;
  /** Local address to send from, for phones that are to be known by different ones. */
  readonly address?: string;
}

export type HeaderLines = readonly (readonly [string, string])[];

/** `reliably`: 183 with our SDP, again and again until its PRACK (RFC 3262), then the answer. */
export type IncomingPolicy =
  | { answerAfterMs: number }
  | { ring: true }
  | { reliably: true }
  | { refuse: number; reason?: string; headers?: HeaderLines };
