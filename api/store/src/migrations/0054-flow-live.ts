/** What a flow's live view and heat map look up: calls of a revision, and the steps of a call, without reading the rest of either. */
export const sql = `
create index call_of_revision on call (company_id, revision_hash, created_at);
create index call_record_step on call_record (call_id, n)
  where stream = 'fact' and type in ('node.entered', 'node.left', 'flow.changed');
-- calls that came into another flow than the one they began with: few
create index call_record_flow on call_record (company_id, (body->>'revision'), at)
  where stream = 'fact' and type = 'flow.changed';
`;
