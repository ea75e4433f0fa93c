// Gives every person a commitment that stands for the name in verdicts and receipts; the openings are kept apart, so that they can be erased.
import { randomBytes } from 'node:crypto';
import { PERSONAL_NAMESPACE } from '../../api/labels.js';
import { isPersonalName, personalCommitment, type PersonalOpening } from '../../receipts/personalCommitment.js';

/** Why a person's request cannot have a receipt. */
export class NameNotKept extends Error {
  constructor(cause: unknown) {
    super(`the name of who asks could not be kept in namespace ${PERSONAL_NAMESPACE}: if the namespace or the webhooks' rights there are gone, make them again (helm upgrade to the chart that is installed, or kubectl apply -f config/rbac)`, { cause });
    this.name = 'NameNotKept';
  }
}

export interface OpeningStore {
  /** Resolves when it is kept; rejects when it cannot be. */
  keep(opening: PersonalOpening): Promise<void>;
}

export class PersonalNames {
  readonly #known = new Map<string, Promise<string>>();

  constructor(private readonly store: OpeningStore) {}

  /**
   * The name of a program as it is; a person's as the same commitment until it is erased. Nothing is kept of a dry run. Rejects with NameNotKept
   * when a new opening cannot be kept: a name that nobody could ever tell would make the receipt worthless.
   */
  standIn(user: string, dryRun: boolean): Promise<string> {
    if (!isPersonalName(user)) return Promise.resolve(user);
    const known = this.#known.get(user);
    if (known) return known;
    const opening = { name: user, salt: randomBytes(32).toString('hex') };
    if (dryRun) return Promise.resolve(personalCommitment(opening));
    const made = this.store.keep(opening).then(
      () => personalCommitment(opening),
      (cause: unknown) => Promise.reject(new NameNotKept(cause)),
    );
    this.#known.set(user, made);
    made.catch(() => this.#known.delete(user));
    return made;
  }

  /** Another replica, or an earlier run, made it. The first that is known stays. */
  learn(opening: PersonalOpening): void {
    if (!this.#known.has(opening.name)) this.#known.set(opening.name, Promise.resolve(personalCommitment(opening)));
  }

  /** It was erased: who comes again gets another. */
  forget({ name }: Pick<PersonalOpening, 'name'>): void {
    this.#known.delete(name);
  }
}
