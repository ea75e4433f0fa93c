// Which other policies and rules speak of the same data as one that is applied: warned of, with an example, because precedence then decides.
import type { BisoPolicySpec, TrafficRuleSpec } from '../../api/index.js';
import { CLASSIFICATIONS, OPERATION_TYPES, REGIONS } from '../../api/labels.js';
import { comparePrecedence } from '../../policy/compiledPolicySet.js';
import type { Named, PolicySet } from '../../policy/types.js';
import { coversRegion } from '../../policy/regions.js';

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

/** Whether the rule could speak of the request; selectors and conditions may still keep two rules apart. */
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

/** Rules of another light for a common request: which of the two decides is said. */
export function overlappingRules({ rules }: PolicySet, applied: Named<TrafficRuleSpec>): string[] {
  return limited(
    rules
      .filter(({ name, spec }) => name !== applied.name && spec.light !== applied.spec.light)
      .flatMap((other) => {
        const common = REQUESTS.find((request) => ruleSpeaksOf(applied.spec, request) && ruleSpeaksOf(other.spec, request));
        if (!common) return [];
        const first = comparePrecedence(applied, other) < 0 ? applied : other;
        return [`overlaps TrafficRule ${other.name} (${other.spec.light}), e.g. ${shown(common)}: ${first.name} (${first.spec.light}) decides`];
      }),
  );
}

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
            if (PLACES.some((region) => coversRegion(here, region) && coversRegion(there, region))) return [];
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
