/** Environment variables that name the servers of a test run. */

/** Administrator URL of the PostgreSQL server. */
export const POSTGRES_VARIABLE = 'CALLWRIGHT_TEST_DATABASE_URL';
/** Address (host:port) of the Temporal server. */
export const TEMPORAL_VARIABLE = 'CALLWRIGHT_TEST_TEMPORAL_ADDRESS';
