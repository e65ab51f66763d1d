/** What a bench needs of a contract to load it, without knowing it: kept in a contract's folder as `bench/load.ts`. */
export interface PartnerLoad {
  /** Settings of a module that is told of these extensions at this URL; `everything`: of all the company's calls as well. */
  settings(url: string, extensions: readonly string[], everything: boolean): Readonly<Record<string, unknown>>;
  /** Request targets by what they ask: questions and commands that can be repeated at any pace. */
  requests(token: string, extension: string): Readonly<Record<string, string>>;
}
