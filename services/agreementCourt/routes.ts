// The court's API as a table: agreements (deploy, list, verify), cases, evidence, decisions, appeals; reading is proved, writing is relayed.
import type { AgreementSpec } from '../../api/index.js';
import { API_VERSION } from '../../api/labels.js';
import { validateAgreement } from '../../api/validate/validateAgreement.js';
import type { Agreement } from '../../api/index.js';
import { agreementHash, verifyAgreementSignatures } from '../../chain/client/agreementSignatures.js';
import type { ChainClient } from '../../chain/client/types.js';
import type { CaseRecord } from '../../chain/courtTypes.js';
import { stateKeys, type AgreementRecord, type TransactionType } from '../../chain/types.js';
import { CourtError } from './courtError.js';
import { readTransaction, relay, type Post } from './relay.js';

export interface CourtContext {
  client: Pick<ChainClient, 'getState' | 'listState' | 'head'>;
  endpoints: string[];
  post: Post;
  jurisdiction: string;
  arbitrationThreshold: number;
  legalFrameworkVersion: string;
}
export interface Asked {
  path: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
}
export interface CourtRoute {
  method: 'get' | 'post';
  /** As in OpenAPI. */
  path: string;
  summary: string;
  status?: number;
  query?: string[];
  handle(asked: Asked): unknown;
}

const HASH = /^[0-9a-f]{64}$/;
const MAX_LISTED = 1_000;

function hashOf(path: Record<string, string>, name: string): string {
  const value = path[name] ?? '';
  if (!HASH.test(value)) throw new CourtError('BadRequest', `${name}: expected 64 digits of lower-case hex`, name);
  return value;
}

export function courtRoutes(context: CourtContext): CourtRoute[] {
  const { client, jurisdiction, arbitrationThreshold, legalFrameworkVersion } = context;

  async function agreementAt(path: Record<string, string>): Promise<AgreementRecord> {
    const hash = hashOf(path, 'hash');
    const { value } = await client.getState<AgreementRecord>(stateKeys.agreement(hash));
    if (!value) throw new CourtError('NotFound', `no agreement with hash ${hash} was deployed`, 'hash');
    return value;
  }
  async function caseAt(path: Record<string, string>): Promise<CaseRecord> {
    const id = hashOf(path, 'id');
    const { value } = await client.getState<CaseRecord>(`case/${id}`);
    if (!value) throw new CourtError('NotFound', `there is no case ${id}`, 'id');
    return value;
  }
  const send = (type: TransactionType, check: (payload: never, path: Record<string, string>) => void = () => undefined) => ({ path, body }: Asked): Promise<unknown> => {
    const raw = (body as { transaction?: unknown } | null)?.transaction;
    const { payload } = readTransaction(raw, type).body;
    check(payload as never, path);
    return relay(context.endpoints, raw as string, context.post);
  };
  const aboutThisCase = ({ caseId }: { caseId?: unknown }, path: Record<string, string>): void => {
    if (caseId !== hashOf(path, 'id')) throw new CourtError('BadRequest', `transaction.body.payload.caseId: is not the case of the path, ${path['id']}`, 'transaction.body.payload.caseId');
  };
  const ofThisCourt = ({ spec }: { spec?: Partial<AgreementSpec> }): void => {
    if (spec?.jurisdiction !== jurisdiction)
      throw new CourtError('Refused', `spec.jurisdiction: is ${JSON.stringify(spec?.jurisdiction)?.slice(0, 80)}, this court sits in ${jurisdiction}`, 'spec.jurisdiction');
  };

  return [
    { method: 'get', path: '/v1/status', summary: 'The court and the head it has verified', handle: () => ({ jurisdiction, arbitrationThreshold, legalFrameworkVersion, chainId: client.head().chainId, height: client.head().height }) },
    { method: 'get', path: '/v1/agreements', summary: 'Agreements ever deployed, each proved', handle: async () => (await client.listState<AgreementRecord>('agreement/')).slice(0, MAX_LISTED).map(({ key, value }) => ({ hash: key.slice('agreement/'.length), ...value })) },
    { method: 'get', path: '/v1/agreements/{hash}', summary: 'One agreement by the hash its parties signed', handle: ({ path }) => agreementAt(path) },
    { method: 'post', path: '/v1/agreements', summary: 'Deploys an agreement: a signed agreement.deploy transaction', status: 202, handle: send('agreement.deploy', ofThisCourt) },
    { method: 'post', path: '/v1/agreements/verify', summary: 'Checks terms and signatures of an agreement: its hash, what is wrong, who has still to sign', handle: ({ body }) => verify(body) },
    { method: 'get', path: '/v1/cases', summary: 'Cases, by state or category', query: ['state', 'category'], handle: ({ query }) => listCases(client, query) },
    { method: 'get', path: '/v1/cases/{id}', summary: 'One case', handle: ({ path }) => caseAt(path) },
    { method: 'get', path: '/v1/cases/{id}/evidence', summary: 'Its evidence, with what each piece was found to show', handle: async ({ path }) => (await caseAt(path)).evidence },
    { method: 'get', path: '/v1/cases/{id}/decisions', summary: 'Its decisions, tier by tier', handle: async ({ path }) => (await caseAt(path)).decisions },
    { method: 'post', path: '/v1/cases', summary: 'Opens a case: a signed case.open transaction', status: 202, handle: send('case.open') },
    { method: 'post', path: '/v1/cases/{id}/evidence', summary: 'Files evidence: a signed case.evidence transaction', status: 202, handle: send('case.evidence', aboutThisCase) },
    { method: 'post', path: '/v1/cases/{id}/ballots', summary: 'Commits to a ballot: a signed case.commit transaction', status: 202, handle: send('case.commit', aboutThisCase) },
    { method: 'post', path: '/v1/cases/{id}/reveals', summary: 'Reveals a ballot: a signed case.reveal transaction', status: 202, handle: send('case.reveal', aboutThisCase) },
    { method: 'post', path: '/v1/cases/{id}/appeals', summary: 'Appeals: a signed case.appeal transaction', status: 202, handle: send('case.appeal', aboutThisCase) },
  ];
}

function verify(body: unknown): object {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new CourtError('BadRequest', 'the body is no Agreement spec', 'body');
  const agreement = { apiVersion: API_VERSION, kind: 'Agreement', metadata: { name: 'agreement' }, spec: body } as unknown as Agreement;
  const errors = validateAgreement(agreement);
  if (errors.length > 0) return { hash: null, errors, missing: [] };
  const spec = { ...agreement.spec, signatures: agreement.spec.signatures ?? [] };
  return { hash: agreementHash(spec), ...verifyAgreementSignatures(spec) };
}

async function listCases(client: CourtContext['client'], { state, category }: Record<string, unknown>): Promise<object[]> {
  const found = await client.listState<CaseRecord>('case/');
  return found.map(({ value }) => value).filter((one) => (state === undefined || one.state === state) && (category === undefined || one.category === category)).slice(0, MAX_LISTED);
}
