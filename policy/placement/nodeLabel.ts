// A node's labels as placement sees them: region and zone are what the commitment attests, and the node's own labels cannot override them.
import { LABELS } from '../../api/labels.js';
import type { LedgerNode } from '../types.js';

/** Key of a node's name in affinity expressions that come of matchFields; no label can have it, for a colon is not allowed there. */
const NODE_NAME_FIELD = 'field:metadata.name';

/** undefined when the node has no such label. */
export function nodeLabel(node: LedgerNode, key: string): string | undefined {
  switch (key) {
    case LABELS.region:
      return node.region;
    case LABELS.zone:
      return node.zone === '' ? undefined : node.zone;
    case NODE_NAME_FIELD:
      return node.name;
    default:
      return Object.hasOwn(node.labels, key) ? node.labels[key] : undefined;
  }
}
