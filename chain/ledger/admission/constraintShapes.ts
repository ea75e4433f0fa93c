// The exact shape of what a pod asks of its place, with a bound on each list.
import { array, integer, literal, text, type Shape } from '../../../receipts/shape.js';
import type { LabelSelector } from '../../../api/index.js';
import type { PodConstraints, PodTerm, SpreadConstraint, WeightedNodeTerm, WeightedPodTerm } from '../../../policy/placement/podConstraints.js';
import { dictionary, labels, namespaceName, shapeOf } from '../shapes.js';

const MAX_TERMS = 16;
const MAX_AMOUNT = 2 ** 50;
const key = text(1, 317);
const values = array(text(0, 253), 0, 64);

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];
const requirement = shapeOf<Requirement>()({ key, operator: literal('In', 'NotIn', 'Exists', 'DoesNotExist') }, { values });
const selector: Shape<LabelSelector> = shapeOf<LabelSelector>()({}, { matchLabels: labels, matchExpressions: array(requirement, 0, 32) });

const podTerm = { topologyKey: key, namespaces: array(namespaceName, 1, 16), selector };
const nodeExpression = shapeOf<WeightedNodeTerm['matchExpressions'][number]>()({ key, operator: text(1, 16) }, { values });

/** By the name of the resource. */
export const extendedResources = dictionary(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,315}[A-Za-z0-9])?$/, integer(0, MAX_AMOUNT), 16);

export const podConstraints = shapeOf<PodConstraints>()(
  {},
  {
    preferredNodes: array(shapeOf<WeightedNodeTerm>()({ weight: integer(1, 100), matchExpressions: array(nodeExpression, 0, 32) }), 1, MAX_TERMS),
    nearPods: array(shapeOf<PodTerm>()(podTerm), 1, MAX_TERMS),
    awayFromPods: array(shapeOf<PodTerm>()(podTerm), 1, MAX_TERMS),
    preferredPods: array(shapeOf<WeightedPodTerm>()({ ...podTerm, weight: integer(-100, 100) }), 1, 2 * MAX_TERMS),
    spread: array(
      shapeOf<SpreadConstraint>()({ topologyKey: key, maxSkew: integer(1, 10_000), minDomains: integer(1, 10_000), hard: literal(true, false), selector }),
      1,
      MAX_TERMS,
    ),
    extended: extendedResources,
    group: shapeOf<NonNullable<PodConstraints['group']>>()({ name: namespaceName, size: integer(1, 1_000) }),
    neverPreempts: literal(true),
  },
);
