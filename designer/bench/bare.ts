/** React Flow with its own default nodes and nothing else: what the editor's canvas is measured against. */
import '@xyflow/react/dist/style.css';
import { type Edge, type Node, ReactFlow, useNodesState } from '@xyflow/react';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

interface Graph {
  readonly nodes: Node[];
  readonly edges: Edge[];
}

/** The graph comes in the address: `#<JSON>`. */
const graph = JSON.parse(decodeURIComponent(location.hash.slice(1))) as Graph;

function Bare() {
  const [nodes, , onNodesChange] = useNodesState(graph.nodes);
  return createElement(ReactFlow, { nodes, edges: graph.edges, onNodesChange, fitView: true, minZoom: 0.05 });
}

createRoot(document.getElementById('root') as HTMLElement).render(createElement(Bare));
