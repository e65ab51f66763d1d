/** Workflow types of the calls workers. */
export { callWorkflow } from './call-workflow.ts';
