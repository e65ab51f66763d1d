/** Workflow types of the calls workers. */
export { callWorkflow } from './call-workflow.ts';
export { poolWorkflow } from './pool-workflow.ts';
export { trialRequestWorkflow } from './trial-request.ts';
