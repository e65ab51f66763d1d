/** Hang-up causes: FreeSWITCH's names and their ITU-T Q.850 numbers, those that occur here or may be asked for. */
export const Q850: Readonly<Record<string, number>> = {
  UNALLOCATED_NUMBER: 1,
  NORMAL_CLEARING: 16,
  USER_BUSY: 17,
  NO_USER_RESPONSE: 18,
  NO_ANSWER: 19,
  CALL_REJECTED: 21,
  DESTINATION_OUT_OF_ORDER: 27,
  INVALID_NUMBER_FORMAT: 28,
  NORMAL_UNSPECIFIED: 31,
  NORMAL_CIRCUIT_CONGESTION: 34,
  NORMAL_TEMPORARY_FAILURE: 41,
  SWITCH_CONGESTION: 42,
  INCOMPATIBLE_DESTINATION: 88,
  RECOVERY_ON_TIMER_EXPIRE: 102,
  INTERWORKING: 127,
  ORIGINATOR_CANCEL: 487,
  ATTENDED_TRANSFER: 601,
  MANAGER_REQUEST: 606,
};

/** A known cause by name or Q.850 number; anything else is normal clearing. */
export function causeOf(text: string): string {
  const name = text.trim().toUpperCase();
  if (name in Q850) return name;
  return Object.keys(Q850).find((key) => Q850[key] === Number(name)) ?? 'NORMAL_CLEARING';
}
