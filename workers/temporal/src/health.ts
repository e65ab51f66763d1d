/** Asks a Temporal server whether it can be used. */
import { Connection } from '@temporalio/client';

/** True when the front end answers and knows the namespace; never throws. Waits at most `timeoutMs`. */
export async function temporalAnswers(address: string, namespace: string, timeoutMs = 2000): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: timeoutMs });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + timeoutMs, () => workflowService.describeNamespace({ namespace }));
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close().catch(() => {});
  }
}
