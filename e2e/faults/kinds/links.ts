// Links between validators cut, slowed and silenced, and validators paused. At most f = 1 of the four is touched at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import { VALIDATORS, validatorName } from '../bed.js';
import type { Fault, FaultContext } from '../fault.js';
import type { Relay, RelayState } from '../relay.js';

const HOLD_MS = 4_000;
const DELAY_MS = 150;

function links(kind: string, state: RelayState, which: (context: FaultContext) => { relays: Relay[]; told: string }, delayMs = 0): Fault {
  return {
    kind,
    async inject(context) {
      const { relays, told } = which(context);
      for (const relay of relays) relay.set(state, delayMs);
      try {
        await sleep(HOLD_MS);
      } finally {
        for (const relay of relays) relay.set('open');
      }
      return `${told} for ${HOLD_MS / 1_000} s`;
    },
  };
}

const ofOne = ({ bed, random }: FaultContext) => {
  const validator = random(VALIDATORS);
  return { relays: bed.linksOf(validator), told: `all links of validator ${validator}` };
};
const betweenTwo = ({ bed, random }: FaultContext) => {
  const one = random(VALIDATORS);
  const other = (one + 1 + random(VALIDATORS - 1)) % VALIDATORS;
  return { relays: bed.linkBetween(one, other), told: `the link between validators ${one} and ${other}` };
};

export const linkFaults: Fault[] = [
  links('links of one validator cut', 'cut', ofOne),
  links('link between two validators cut', 'cut', betweenTwo),
  links(`links slowed by ${DELAY_MS} ms`, 'slow', ofOne, DELAY_MS),
  links('links half-open', 'half-open', ofOne),
  {
    kind: 'f validators paused',
    async inject({ bed, random }) {
      const validator = random(VALIDATORS);
      bed.keeper.signal(validatorName(validator), 'SIGSTOP');
      try {
        await sleep(HOLD_MS);
      } finally {
        bed.keeper.signal(validatorName(validator), 'SIGCONT');
      }
      return `validator ${validator} for ${HOLD_MS / 1_000} s`;
    },
  },
];
