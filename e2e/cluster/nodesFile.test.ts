import { describe, expect, it } from 'vitest';
import { defaultNodes } from './defaultNodes.js';
import { checkNodes, readNodesFile } from './nodesFile.js';

const node = { name: 'eu-1', region: 'EU', kind: 'kwok' };

describe('checkNodes', () => {
  it('takes the default nodes', () => expect(checkNodes(defaultNodes(), 'default')).toHaveLength(6));
  it.each([
    ['not a list', {}, 'must be a list of nodes'],
    ['not an object', ['eu-1'], 'node 1: must be an object with name, region and kind'],
    ['no name', [{ ...node, name: undefined }], "name 'undefined' must be a DNS label"],
    ['a name in capitals', [{ ...node, name: 'EU-1' }], "name 'EU-1' must be a DNS label"],
    ['no region', [{ ...node, region: '' }], "region '' must be a label value such as EU"],
    ['a zone with a space', [{ ...node, zone: 'eu a' }], "zone 'eu a' must be a label value"],
    ['another kind', [{ ...node, kind: 'virtual' }], "kind 'virtual' must be real or kwok"],
    ['a bad quantity', [{ ...node, memory: '32 gigabytes' }], "memory '32 gigabytes' must be a quantity such as 32Gi"],
    ['a label that is no string', [{ ...node, labels: { a: 1 } }], 'labels must be a map of strings'],
    ['a field too many', [{ ...node, regoin: 'EU' }], "field 'regoin' is unknown"],
    ['a name twice', [node, node], "node 2: name 'eu-1' is there twice"],
    [
      'two real nodes',
      [
        { ...node, kind: 'real' },
        { ...node, name: 'b', kind: 'real' },
      ],
      'one machine can carry one real node',
    ],
  ])('refuses %s', (_, nodes, message) => expect(() => checkNodes(nodes, 'nodes.yaml')).toThrow(message));
});

it('a file that cannot be read is named', () => expect(() => readNodesFile('/none.yaml')).toThrow(/--nodes \/none.yaml: ENOENT/));
