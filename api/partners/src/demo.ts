/** Programs that show a contract at work: pages served beside the console that talk HTTP only, and receivers for what we send. */
import type { WireAnswer } from './contract.ts';

/** A page below `/partners/<contract>/`; what it is made of lies in the contract's folder `demo/`. */
export interface DemoPage {
  /** Last part of its address. */
  readonly path: string;
  readonly title: string;
}

/** Stands for a program of the partner's that is called by us. It keeps nothing unless somebody looks on. */
export interface DemoReceiver {
  /** Last part of its address, as the partner's samples call it. */
  readonly name: string;
  /** What it answers a request with this query. */
  answer(query: URLSearchParams): WireAnswer;
}

export interface PartnerDemo {
  readonly pages: readonly DemoPage[];
  readonly receivers: readonly DemoReceiver[];
}
