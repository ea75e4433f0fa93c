// Which other policies and rules speak of the same data as one that is applied: warned of, with an example, because precedence then decides.
import type { BisoPolicySpec, LabelSelector, TrafficRuleSpec } from '../api/index.js';
import { CLASSIFICATIONS, OPERATION_TYPES, REGIONS } from '../api/labels.js';
import { comparePrecedence } from './compiledPolicySet.js';
import { disjointSelectors } from './contradictions.js';
import { coversRegion } from './regions.js';
import type { Named, PolicySet } from './types.js';

/** More than a person reads. */
const MAX_WARNINGS = 5;
const PLACES = REGIONS.filter((region) => region !== 'Global');

interface Request {
  classification: string;
  source: string;
  destination: string;
  operation: string;
}

const allows = (list: readonly string[] | undefined, value: string) => !list || list.length === 0 || list.includes(value);

/** Whether the rule could speak of the request, as far as class, regions and operation tell. */
function ruleSpeaksOf({ source, destination, operationTypes }: TrafficRuleSpec, request: Request): boolean {
  return (
    allows(source.classifications, request.classification) &&
    allows(destination.classifications, request.classification) &&
    coversRegion(source.regions, request.source) &&
    coversRegion(destination.regions, request.destination) &&
    allows(operationTypes, request.operation)
  );
}

const REQUESTS: readonly Request[] = CLASSIFICATIONS.flatMap((classification) =>
  PLACES.flatMap((source) =>
    PLACES.flatMap((destination) => OPERATION_TYPES.map((operation) => ({ classification, source, destination, operation }))),
  ),
);

const shown = ({ classification, source, destination, operation }: Request) => `${operation} of ${classification} data ${source} → ${destination}`;
const limited = (warnings: string[]) =>
  warnings.length > MAX_WARNINGS ? [...warnings.slice(0, MAX_WARNINGS), `and ${warnings.length - MAX_WARNINGS} more overlaps`] : warnings;

const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
const DAY = 1_440;

/** No minute of the day is in both. */
function disjointWindows(a: Window, b: Window): boolean {
  if (!a || !b) return false;
  const inside = ({ from, to }: NonNullable<Window>, minute: number) => {
    const [begin, end] = [minutes(from), minutes(to)];
    return begin <= end ? begin <= minute && minute < end : begin <= minute || minute < end;
  };
  return !Array.from({ length: DAY }, (_, minute) => minute).some((minute) => inside(a, minute) && inside(b, minute));
}
type Window = NonNullable<TrafficRuleSpec['conditions']>['timeWindow'];

const opposite = (a: boolean | undefined, b: boolean | undefined) => a !== undefined && b !== undefined && a !== b;

/** Their selectors or conditions let no flow match both. */
function keptApart(a: TrafficRuleSpec, b: TrafficRuleSpec): boolean {
  const [here, there] = [a.conditions ?? {}, b.conditions ?? {}];
  return (
    (['source', 'destination'] as const).some((end) => (['podSelector', 'namespaceSelector'] as const).some((kind) => disjointSelectors(a[end][kind], b[end][kind]))) ||
    opposite(here.encrypted, there.encrypted) ||
    opposite(here.healthy, there.healthy) ||
    disjointWindows(here.timeWindow, there.timeWindow)
  );
}

const selectsAll = (selector: LabelSelector | undefined) => Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0;
/** It matches whatever it speaks of. */
const isUnconditional = ({ source, destination, conditions }: TrafficRuleSpec) =>
  [source, destination].every((end) => selectsAll(end.podSelector) && selectsAll(end.namespaceSelector)) && Object.keys(conditions ?? {}).length === 0;

/** Rules of another light that decide before this one on everything it speaks of: it is never asked. */
export function shadowingRules({ rules }: PolicySet, applied: Named<TrafficRuleSpec>): string[] {
  const own = REQUESTS.filter((request) => ruleSpeaksOf(applied.spec, request));
  return rules
    .filter((other) => other.name !== applied.name && other.spec.light !== applied.spec.light && comparePrecedence(other, applied) < 0 && isUnconditional(other.spec) && own.every((request) => ruleSpeaksOf(other.spec, request)))
    .map(({ name, spec }) => `is never asked: TrafficRule ${name} (${spec.light}) decides first on everything it speaks of, e.g. ${shown(own[0]!)}; raise its priority above ${spec.priority}, or narrow ${name}`)
    .slice(0, 1);
}

/** Rules of another light for a common request: which of the two decides is said. */
export function overlappingRules({ rules }: PolicySet, applied: Named<TrafficRuleSpec>): string[] {
  return limited(
    rules
      .filter(({ name, spec }) => name !== applied.name && spec.light !== applied.spec.light && !keptApart(applied.spec, spec))
      .flatMap((other) => {
        const common = REQUESTS.find((request) => ruleSpeaksOf(applied.spec, request) && ruleSpeaksOf(other.spec, request));
        if (!common) return [];
        const first = comparePrecedence(applied, other) < 0 ? applied : other;
        return [`overlaps TrafficRule ${other.name} (${other.spec.light}), e.g. ${shown(common)}: ${first.name} (${first.spec.light}) decides`];
      }),
  );
}

/** No pod matches both rules. */
const apart = (a: BisoPolicySpec['rules'][number], b: BisoPolicySpec['rules'][number]) =>
  (['podSelector', 'namespaceSelector', 'nodeSelector'] as const).some((kind) => disjointSelectors(a.match?.[kind], b.match?.[kind]));

/** Policies whose required regions have none in common with this one's for a common request: it would have no place to run. */
export function contradictingPolicies({ policies }: PolicySet, applied: Named<BisoPolicySpec>): string[] {
  const demanding = ({ spec }: Named<BisoPolicySpec>) =>
    spec.violationAction === 'audit' ? [] : spec.rules.filter(({ requirement }) => (requirement.regions?.length ?? 0) > 0);
  const speaks = ({ spec }: Named<BisoPolicySpec>, { match }: BisoPolicySpec['rules'][number], request: Request) =>
    allows(spec.classifications, request.classification) &&
    coversRegion(spec.regions, request.source) &&
    allows(match?.classifications, request.classification) &&
    coversRegion(match?.sourceRegions, request.source) &&
    coversRegion(match?.destinationRegions, request.destination) &&
    allows(match?.operationTypes, request.operation);
  return limited(
    policies
      .filter(({ name }) => name !== applied.name)
      .flatMap((other) =>
        demanding(applied).flatMap((mine) =>
          demanding(other).flatMap((theirs) => {
            const [here, there] = [mine.requirement.regions!, theirs.requirement.regions!];
            if (apart(mine, theirs) || PLACES.some((region) => coversRegion(here, region) && coversRegion(there, region))) return [];
            const common = REQUESTS.find((request) => speaks(applied, mine, request) && speaks(other, theirs, request));
            return common
              ? [
                  `rule ${mine.name} demands ${here.join(', ')} and BisoPolicy ${other.name}/${theirs.name} demands ${there.join(', ')}: e.g. ${shown(common)} is refused`,
                ]
              : [];
          }),
        ),
      ),
  );
}
