// Who may link with this node, and which of them it dials: the members of the validator sets past, present and to come (ADR 6).
import type { Validator, ValidatorSet } from '../../receipts/types.js';
import type { ValidatorSetRecord } from '../types.js';
import type { Address } from './config.js';

/** So long after it has left, in blocks, a validator may still ask what became of it. */
export const FAREWELL_BLOCKS = 1_000;

export interface RosterMember {
  validator: Validator;
  /** Where it is reached; undefined when only it can dial. */
  address: Address | undefined;
  /** Whether this node dials it, or waits for it to dial. */
  dial: boolean;
}

/** Each validator has a number of its own for this run, in order of appearance on the chain: those of the genesis by their index there. */
export class Roster {
  readonly #numbers = new Map<string, number>();
  readonly #validators: Validator[] = [];
  #members: (RosterMember | undefined)[] = [];

  /** `addresses` = where the genesis' validators are reached, by index. */
  constructor(
    private readonly selfKey: string,
    private readonly addresses: readonly Address[],
  ) {}

  /** By number; undefined for those that may not link any more, and for this node itself. */
  get members(): readonly (RosterMember | undefined)[] {
    return this.#members;
  }

  /** `sets`: the earliest first; `height`: of the next block. */
  update(sets: readonly ValidatorSetRecord[], height: number): void {
    for (const { set } of sets) for (const validator of set.validators) this.#register(validator);
    const welcome = new Set(sets.filter((_, i) => (sets[i + 1]?.since ?? Infinity) + FAREWELL_BLOCKS > height).flatMap(({ set }) => set.validators.map(keyOf)));
    const active = new Set(sets.filter((_, i) => (sets[i + 1]?.since ?? Infinity) > height).flatMap(({ set }) => set.validators.map(keyOf)));
    const { endpoints } = sets.at(-1)!;
    const own = this.numberOf(this.selfKey);
    // Of two members the one that came first dials; who is no member, or not yet, dials everybody.
    const dials = (number: number, key: string) => active.has(key) && (own === undefined || !active.has(this.selfKey) || own < number);
    this.#members = this.#validators.map((validator, number) => {
      const key = keyOf(validator);
      if (!welcome.has(key) || key === this.selfKey) return undefined;
      return { validator, address: parseAddress(endpoints[key]) ?? this.addresses[number], dial: dials(number, key) };
    });
  }

  numberOf(ed25519PublicKey: string): number | undefined {
    return this.#numbers.get(ed25519PublicKey);
  }

  /** Identity of the validator with a number, which a link has. */
  keyOf(number: number): string {
    return keyOf(this.#validators[number]!);
  }

  nameOf(number: number): string {
    return this.#validators[number]?.address ?? String(number);
  }

  /** Number of the set's member at an index. */
  numberIn({ validators }: ValidatorSet, index: number): number | undefined {
    const validator = validators[index];
    return validator && this.numberOf(keyOf(validator));
  }

  /** Index in the set of the validator with a number; -1 when it is no member. */
  indexIn({ validators }: ValidatorSet, number: number): number {
    const known = this.#validators[number];
    return known === undefined ? -1 : validators.findIndex((validator) => keyOf(validator) === keyOf(known));
  }

  /** Numbers of the set's members without this node. */
  others({ validators }: ValidatorSet): number[] {
    return validators.filter((validator) => keyOf(validator) !== this.selfKey).map((validator) => this.numberOf(keyOf(validator))!);
  }

  #register(validator: Validator): void {
    if (this.#numbers.has(keyOf(validator))) return;
    this.#numbers.set(keyOf(validator), this.#validators.push(validator) - 1);
  }
}

const keyOf = ({ ed25519PublicKey }: Validator): string => ed25519PublicKey;

function parseAddress(endpoint: string | undefined): Address | undefined {
  const at = endpoint?.lastIndexOf(':');
  if (endpoint === undefined || at === undefined) return undefined;
  return { host: endpoint.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(endpoint.slice(at + 1)) };
}
