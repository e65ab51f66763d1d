import { useParams } from 'react-router';

/** The flow editor of one flow. */
export function FlowPage() {
  const { id } = useParams();
  return <main data-flow={id} />;
}
