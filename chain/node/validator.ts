// One validator, put together: storage, links, consensus, mempool, sync and the HTTP API; started and stopped as a whole.
import type { Server } from 'node:http';
import { bls, blsFallbackReason } from '../../crypto/bls.js';
import { MAX_VALIDATORS } from '../../receipts/chainShapes.js';
import type { ValidatorSet } from '../../receipts/types.js';
import { proposerOf } from '../consensus/consensusState.js';
import type { VoteRecord } from '../consensus/types.js';
import type { Block } from '../types.js';
import type { ApiContext, NodeStatus } from './api/context.js';
import { receiptBundle } from './api/receiptRoutes.js';
import { apiListener, closeServer, listen } from './api/server.js';
import { CompactBlocks } from './compactBlocks.js';
import { ChainState, type ExecutedBlock } from './chainState.js';
import { homeFiles, type NodeConfig } from './config.js';
import { ConsensusDriver, type ConsensusCore } from './consensusDriver.js';
import { Cosigner } from './cosigner.js';
import { createCore } from './createCore.js';
import { Gossip } from './gossip.js';
import { stateHalt } from './haltStatement.js';
import { indexIn } from './indexIn.js';
import { Intake } from './intake.js';
import { PeerMesh } from './links/peerMesh.js';
import { levelAnswers, levelQuestions } from './levels/levelLinks.js';
import type { Channel } from './links/channels.js';
import type { Logger } from './logger.js';
import { Mempool } from './mempool.js';
import { listenForMetrics, NodeMetrics } from './metrics.js';
import { keyUsedElsewhere, NodeError, reasonOf } from './nodeError.js';
import { isReady, nodeStatus } from './nodeStatus.js';
import { OwnReports } from './ownReports.js';
import { Pace } from './pace.js';
import { PeerDialogue } from './peerDialogue.js';
import { encodePeerMessage } from './peerMessages.js';
import { ProposalMaker } from './proposalMaker.js';
import { Roster } from './roster.js';
import type { StateReport } from './stateReport.js';
import { adoptInstalled } from './snapshot/installSnapshot.js';
import { SnapshotService } from './snapshot/snapshotService.js';
import { disk, makeDirectory } from './storage/durableFile.js';
import { acquireExclusiveLock, type ExclusiveLock } from './storage/exclusiveLock.js';
import { MempoolLog } from './storage/mempoolLog.js';
import { refuseRolledBack, VoteLog } from './storage/voteLog.js';
import { BlockSync } from './sync/blockSync.js';
import { ToldCondition } from './toldCondition.js';
import { VERSION } from './version.js';
import { hasRoom, Withholding } from './withholding.js';

const WATCH_EVERY_MS = 1_000;
/** A height that the cosignature has told is told again when no block followed for so long. */
const TOLD_FOR_MS = 3_000;
/** The core's names for links: no index of any set, for those move when the set changes. */
const FIRST_LINK = MAX_VALIDATORS;

export interface ValidatorHooks {
  logger: Logger;
  report: (report: StateReport) => void;
  /** It cannot go on; it has not been stopped yet. */
  fatal: (error: NodeError) => void;
  /** It is to be stopped, and one like it started on the same home. */
  restart: () => void;
}

export class Validator {
  readonly #pool = new Mempool();
  readonly #pace = new Pace(this.#pool, { work: () => this.#driver.work(), accepted: ({ id }) => this.#accepted(id) });
  readonly #listeners = new Set<(height: number) => void>();
  readonly metrics = new NodeMetrics(() => this.status());
  readonly #roster: Roster;
  readonly #condition: ToldCondition;
  #chain!: ChainState;
  #mesh!: PeerMesh;
  #sync!: BlockSync;
  #snapshots!: SnapshotService;
  #core!: ConsensusCore;
  #driver!: ConsensusDriver;
  #intake!: Intake;
  #gossip!: Gossip;
  #compact!: CompactBlocks;
  readonly #withholding = new Withholding((id) => this.#pool.get(id) !== undefined);
  #reports!: OwnReports;
  #cosigner!: Cosigner;
  #logs: { close(): Promise<void> }[] = [];
  #lock: ExclusiveLock | undefined;
  #servers: Server[] = [];
  #watch: NodeJS.Timeout | undefined;
  #progressAt = Date.now();
  /** The last height that went to all others with a cosignature. */
  #toldHeight = 0;
  #member = false;
  #failed = false;

  constructor(
    readonly config: NodeConfig,
    private readonly hooks: ValidatorHooks,
  ) {
    this.#roster = new Roster(config.keys.ed25519.publicKey, config.peers);
    this.#condition = new ToldCondition(hooks.logger, hooks.report);
  }

  /** Throws NodeError; nothing keeps running then. */
  async start(): Promise<void> {
    try {
      await this.#open();
      await this.#connect();
    } catch (error) {
      await this.stop();
      throw error;
    }
    const { api, metrics, peer } = this.config;
    const text = `${this.config.name} of chain "${this.config.genesis.chainId}" at height ${this.#chain.height}: API ${api.host}:${api.port}, metrics ${metrics.host}:${metrics.port}, peers ${peer.host}:${peer.port}`;
    this.hooks.logger.info('listening', { height: this.#chain.height, api, metrics, peer, bls: bls.name, ...(blsFallbackReason ? { blsFallbackReason } : {}), version: VERSION });
    this.#condition.report({ state: 'listening', text });
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    await Promise.all(this.#servers.map(closeServer));
    this.#pace.stop();
    this.#gossip?.stop();
    this.#compact?.stop();
    this.#sync?.stop();
    this.#driver?.stop();
    await this.#mesh?.stop().catch(() => undefined);
    await this.#snapshots?.stop();
    await this.#chain?.exclusive(async () => undefined);
    for (const log of this.#logs) await log.close();
    await this.#chain?.store.close();
    await this.#lock?.release();
  }

  async #open(): Promise<void> {
    const { home, keys, genesis } = this.config;
    const files = homeFiles(home);
    await makeDirectory(disk, files.data);
    this.#lock = await acquireExclusiveLock(files.data, keys.ed25519.publicKey);
    if (await adoptInstalled(files.blocks, files.incoming)) this.hooks.logger.info('the chain begins with a snapshot here');
    await makeDirectory(disk, files.blocks);
    this.#chain = await ChainState.open(files.blocks, genesis);
    this.#cosigner = new Cosigner({ chainId: genesis.chainId, ed25519: keys.ed25519 }, this.#chain.header.timestamp, (cosignature) => this.#reports.misfit(cosignature), (height, publicKey) => this.#reports.levels.cosigned(height, publicKey));
    const votes = await VoteLog.open<VoteRecord<Block>>(files.votes);
    this.#logs.push(votes);
    refuseRolledBack(files.votes, votes, this.#chain.store.votes);
    const mempool = await MempoolLog.open(files.mempool);
    this.#logs.push(mempool.log);
    this.#roster.update(this.#chain.sets, this.#chain.height + 1);
    const self = () => indexIn(this.#set, keys.ed25519.publicKey);
    this.#intake = new Intake(this.#chain, this.#pool, mempool.log, { index: self, privateKey: keys.ed25519.privateKey }, {
      added: () => this.#pace.added(),
      accepted: (entry) => this.#pace.accepted(entry),
      refused: (raw, code) => this.#reports.refused(raw, code),
    });
    const waiting = await this.#intake.restore(mempool.found);
    if (waiting > 0) this.hooks.logger.info('transactions of the last run wait again', { waiting });
    this.#reports = await OwnReports.open(files.evidence, this.#chain, keys.ed25519, {
      rank: self,
      submit: (raw) => this.#intake.submit([raw]),
      ...levelQuestions((publicKey, message) => this.#mesh.send(this.#roster.numberOf(publicKey)!, 'bulk', message)),
      warn: (message, code, reason) => this.hooks.logger.warn(message, { code, reason }),
      fatal: (error) => this.#fatal(error),
    });
    this.#logs.push(this.#reports.log);
    this.#pruneMempoolLog = () => mempool.log.prune(() => [...this.#pool.all()].filter(({ own }) => own).map(({ raw }) => raw));
    const maker = new ProposalMaker(this.#chain, this.#pool, () => self()!, {
      dropped: (id, reason) => this.hooks.logger.warn('a waiting transaction was dropped', { id, reason }),
      failed: (reason) => this.hooks.logger.error('the proposal could not be executed; an empty one is made', { code: 'ProposalFailed', reason }),
    });
    this.#core = createCore(this.config, votes.from(this.#chain.height + 1), (raw) => this.#chain.reader.leafOf(raw));
    this.#driver = new ConsensusDriver(this.#chain, this.#core, votes, maker, this.#driverHooks());
  }

  #pruneMempoolLog: () => Promise<void> = async () => undefined;

  #driverHooks(): ConstructorParameters<typeof ConsensusDriver>[4] {
    const { logger } = this.hooks;
    return {
      selfIn: (set) => indexIn(set, this.config.keys.ed25519.publicKey),
      encode: (message) => this.#compact.encode(message),
      broadcast: (channel, message) => this.#mesh.broadcast(channel, message),
      send: (index, channel, message) => this.#sendTo(index, channel, message),
      behind: (link, height) => this.#sync.hinted(link - FIRST_LINK, height),
      hasWork: () => this.#pace.hasWork(),
      committed: (...committed) => this.#committed(...committed),
      proposed: (digest) => this.#reports.levels.proposed(digest),
      invalidProposal: (height, round, reason) => logger.warn('a proposal was refused', { code: 'InvalidProposal', height, round, reason }),
      evidence: (kind, first, second) => {
        this.metrics.evidence.inc({ kind });
        logger.error('a validator signed conflicting messages', { code: 'Evidence', kind, validator: this.#set.validators[first.from]?.address, first, second });
        this.#reports.contradiction(first, second);
      },
      fatal: (error) => this.#fatal(error),
    };
  }

  async #connect(): Promise<void> {
    const { genesis, keys, peer, api, metrics } = this.config;
    this.#snapshots = new SnapshotService(this.#chain, this.config, {
      logger: this.hooks.logger,
      votes: () => this.#chain.store.votes,
      changed: (fetching) => this.#reportSync(fetching),
      fatal: (error) => this.#fatal(error),
      peers: () => this.#mesh.states().flatMap(({ index, connected }) => (connected ? [{ number: index, name: this.#roster.nameOf(index) }] : [])),
      ask: {
        manifest: (to) => this.#mesh.send(to, 'bulk', encodePeerMessage('getSnapshot', {})),
        part: (to, height, depth, index) => this.#mesh.send(to, 'bulk', encodePeerMessage('getPart', { height, depth, index })),
      },
      restart: () => this.hooks.restart(),
    });
    await this.#snapshots.open();
    const dialogue = new PeerDialogue(this.#chain.store, this.#snapshots.files, {
      consensus: (from, message) => this.#driver.message(FIRST_LINK + from, message),
      compact: (from, message, leaves) => this.#compact.received(from, message, leaves),
      getBodies: (from, leaves) => this.#compact.answer(from, leaves),
      bodies: (from, transactions) => this.#compact.bodies(from, transactions),
      announce: (from, ids) => this.#announced(from, ids),
      wanted: (from, ids) => this.#gossip.wanted(from, ids),
      transactions: (transactions) => void this.#intake.gossiped(transactions).catch((error: unknown) => this.#fatal(error)),
      status: (from, height) => this.#learned(from, height),
      snapshot: (from, manifest) => this.#snapshots.peers.manifest(from, manifest),
      part: (from, height, index, records) => this.#snapshots.peers.part(from, height, index, records),
      failed: (error) => this.hooks.logger.warn('a snapshot could not be served', { code: 'SnapshotFailed', reason: reasonOf(error) }),
      blocks: (from, blocks) => void this.#sync.received(from, blocks).catch((error: unknown) => this.#fatal(error)),
      cosignature: (from, cosignature) => {
        this.#learned(from, cosignature.height);
        if (!this.#cosigner.received(cosignature)) this.hooks.logger.warn('a cosignature of the receipt log does not fit', { code: 'BadCosignature', peer: this.#roster.nameOf(from), height: cosignature.height });
      },
      receiptOf: (id) => receiptBundle(this.#apiContext(), id),
      ...levelAnswers(genesis, () => this.#reports.levels, (from) => this.#roster.keyOf(from)),
      answer: (to, message) => void this.#mesh.send(to, 'bulk', message),
      malformed: (from, reason) => this.hooks.logger.warn('a malformed message was ignored', { code: 'Malformed', peer: this.#roster.nameOf(from), reason }),
    });
    this.#sync = new BlockSync({
      height: () => this.#chain.height,
      request: (to, from, limit) => !this.#snapshots.fetching && this.#mesh.send(to, 'bulk', encodePeerMessage('getBlocks', { from, limit })),
      apply: (block) => this.#driver.applySynced(() => this.#chain.checkFinal(block), block.header.height, block.certificate),
      changed: (syncing) => this.#reportSync(syncing),
      refused: (from, reason) => this.hooks.logger.warn('blocks of a validator were refused', { code: 'SyncRefused', peer: this.#roster.nameOf(from), reason }),
    });
    this.#mesh = new PeerMesh(
      { chainId: genesis.chainId, keys, listen: peer, members: this.#roster.members },
      {
        connected: (from) => this.#peerCame(from),
        disconnected: (from, reason) => {
          this.hooks.logger.info('a validator is gone', { peer: this.#roster.nameOf(from), reason: reason.message });
          this.#sync.disconnected(from);
          this.#reports.levels.gone(this.#roster.keyOf(from));
          this.#compact.gone(from);
        },
        message: (from, _channel, message) => dialogue.received(from, message),
        keyUsedElsewhere: (from, startedAt) => this.#fatal(keyUsedElsewhere(`${this.#roster.nameOf(from)} has a link with a process started at ${new Date(startedAt).toISOString()} that holds this validator's key`)),
        refused: (address, reason) => {
          const code = (reason as { code?: string }).code ?? 'Unknown';
          this.metrics.linkRefusals.inc({ code });
          this.hooks.logger.debug('a connection was refused', { code, address, reason: reason.message });
        },
      },
    );
    this.#compact = new CompactBlocks(this.#pool, (raw) => this.#chain.reader.leafOf(raw), {
      complete: (from, message) => this.#driver.message(FIRST_LINK + from, message),
      send: (to, message) => void this.#mesh.send(to, 'blocks', message),
    });
    this.#gossip = new Gossip({
      proposers: () => [1, 2].flatMap((ahead) => this.#proposer(this.#chain.height + ahead) ?? []),
      others: () => this.#roster.others(this.#set),
      waiting: (id) => this.#pool.get(id),
      isKnown: (id) => this.#pool.get(id) !== undefined || this.#chain.isKnown(id),
      send: (to, message) => void this.#mesh.send(to, 'bulk', message),
    });
    // The core knows its height before anybody can send it anything.
    this.#driver.start();
    this.#servers.push(await listen(apiListener(this.#apiContext()), { ...api, flag: '--api-port' }));
    this.#servers.push(await listenForMetrics(this.metrics, () => isReady(this.status()), metrics));
    await this.#mesh.start();
  }

  #accepted(id: string): void {
    this.#gossip.add(id);
    this.#withholding.acknowledged(id, this.config.name, this.#chain.height);
  }

  #announced(from: number, ids: string[]): void {
    this.#gossip.announced(from, ids);
    const address = this.#set.validators[this.#roster.indexIn(this.#set, from)]?.address;
    if (address !== undefined) for (const id of ids) this.#withholding.acknowledged(id, address, this.#chain.height);
  }

  #watchWithholding({ block, execution }: ExecutedBlock): void {
    const { height, proposer } = block.header;
    const { address } = this.#chain.setAt(height).set.validators[proposer]!;
    const transactionIds = execution.results.map(({ transactionId }) => transactionId);
    const left = this.#withholding.blockFinal({ height, proposer: address, transactionIds, hadRoom: this.#chain.snapshot.certificate?.round === 0 && hasRoom(block, this.config.genesis) });
    if (left.length === 0) return;
    this.metrics.withheld.inc({ validator: address }, left.length);
    this.hooks.logger.warn('a validator left transactions out that it has', { code: 'Withheld', validator: address, height, count: left.length, first: left[0] });
  }

  #peerCame(from: number): void {
    this.hooks.logger.info('a validator is connected', { peer: this.#roster.nameOf(from) });
    this.#mesh.send(from, 'bulk', encodePeerMessage('status', { height: this.#chain.height }));
    this.#gossip.greet(from, [...this.#pool.all()].filter(({ own }) => own).map(({ id }) => id));
    const index = this.#roster.indexIn(this.#set, from);
    if (index >= 0) this.#driver.peerConnected(index);
  }

  /** That decides the next block. */
  get #set(): ValidatorSet {
    return this.#chain.setAt(this.#chain.height + 1).set;
  }

  /** Number of another validator that proposes first at a height. */
  #proposer(height: number): number | undefined {
    const { set } = this.#chain.setAt(height);
    const number = this.#roster.numberIn(set, proposerOf(height, 0, set.validators.length));
    return number === this.#roster.numberOf(this.config.keys.ed25519.publicKey) ? undefined : number;
  }

  #sendTo(index: number, channel: Channel, message: Uint8Array): void {
    const number = this.#roster.numberIn(this.#set, index);
    if (number !== undefined) this.#mesh.send(number, channel, message);
  }

  /** After each block: who may link, and who is no member any more, follows from the sets. */
  #followSets(): void {
    if (this.#chain.sets.length === 1) return;
    this.#roster.update(this.#chain.sets, this.#chain.height + 1);
    this.#mesh?.update(this.#roster.members);
    const member = indexIn(this.#set, this.config.keys.ed25519.publicKey) !== null;
    if (member !== this.#member) this.hooks.logger.info(member ? 'this node votes from now on' : 'this node only follows from now on', { height: this.#chain.height + 1, validators: this.#set.validators.length });
    this.#member = member;
  }

  #apiContext(): ApiContext {
    return {
      genesis: this.config.genesis,
      keys: this.config.keys,
      version: VERSION,
      store: this.#chain.store,
      snapshots: this.#snapshots.files,
      sets: () => this.#chain.sets,
      head: () => this.#chain.snapshot,
      status: () => this.status(),
      haltStatement: () => stateHalt(this.status(), this.#set, this.config.keys.ed25519, Date.now()),
      checkpoint: () => this.#cosigner.note,
      submit: async (transactions) => {
        const done = this.metrics.acknowledgeLatency.startTimer();
        const answer = await this.#intake.submit(transactions).catch((error: unknown) => {
          this.#fatal(error);
          throw error;
        });
        done();
        for (const { code } of answer.refusals) this.metrics.refusals.inc({ code });
        return answer;
      },
      onCommit: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      report: (error, request) => this.hooks.logger.error('a request failed', { code: 'Internal', request, error: error instanceof Error ? error.stack : String(error) }),
    };
  }

  #committed(executed: ExecutedBlock, seconds: number | undefined): void {
    const { block, execution } = executed;
    const { height } = block.header;
    for (const { transactionId } of execution.results) this.#pool.remove(transactionId);
    this.#pool.expire(height + 1);
    if (block.transactions.length > 0) this.#pace.blockFinal();
    this.#watchWithholding(executed);
    for (const { transactionId, error } of execution.faults) {
      this.hooks.logger.error('an operation failed in a way no rule foresees', { code: 'OperationFault', transactionId, error: error instanceof Error ? error.stack : String(error) });
    }
    // Before the cosigner takes what others sent of this block already: it asks when the block was durable.
    this.#reports.committed(executed, this.#sync.syncing);
    const cosignature = this.#cosigner.committed(block.header, this.#chain.setAt(height).set);
    if (cosignature) {
      this.#mesh.broadcast('bulk', encodePeerMessage('cosignature', cosignature));
      this.#toldHeight = height;
    }
    this.#progressAt = Date.now();
    this.#followSets();
    this.#snapshots.committed(this.#sync.syncing);
    if (!this.#sync.syncing) this.#condition.runs(height);
    if (seconds !== undefined) this.metrics.blockLatency.observe(seconds);
    this.metrics.blockTransactions.observe(block.transactions.length);
    this.hooks.logger.debug('a block is final', { height, transactions: block.transactions.length, ms: seconds === undefined ? undefined : Math.round(seconds * 1_000) });
    for (const listener of this.#listeners) listener(height);
    this.#pruneMempoolLog().catch((error: unknown) => this.#fatal(error));
  }

  #reportSync(syncing: boolean): void {
    if (syncing) this.#condition.report({ state: 'syncing', text: `catching up from block ${this.#chain.height}` });
    else if (this.#chain.height > 0) this.#condition.runs(this.#chain.height);
  }

  /** Another validator says that it has this block. */
  #learned(from: number, height: number): void {
    if (!this.#snapshots.behind(height)) this.#sync.learned(from, height);
  }

  /** Once a second: tell the others the height, unless they just heard it, and look whether the chain stands still. */
  #look(): void {
    const told = this.#toldHeight === this.#chain.height && Date.now() - this.#progressAt < TOLD_FOR_MS;
    if (!told) this.#mesh.broadcast('bulk', encodePeerMessage('status', { height: this.#chain.height }));
    const { halted } = this.status();
    if (halted) this.#condition.halted(halted);
  }

  status(): NodeStatus {
    const { genesis, keys, name } = this.config;
    return nodeStatus({
      genesis,
      set: this.#set,
      self: { key: keys.ed25519.publicKey, name },
      header: this.#chain.header,
      round: this.#core.round,
      peers: this.#mesh.states().map((state) => ({ ...state, index: this.#roster.indexIn(this.#set, state.index) })).filter(({ index }) => index >= 0), // prettier-ignore
      heightOf: (index) => this.#sync.heightOf(this.#roster.numberIn(this.#set, index)!),
      syncing: this.#sync.syncing || this.#snapshots.fetching,
      progressAt: this.#progressAt,
      mempool: { size: this.#pool.size, bytes: this.#pool.bytes },
      withheld: this.#withholding.report(),
      now: Date.now(),
    });
  }

  #fatal(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const known = error instanceof NodeError ? error : new NodeError('Unexpected', `unexpected: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    this.hooks.logger.error('the validator stops', { code: known.code, reason: known.message, stack: error instanceof Error ? error.stack : undefined });
    this.hooks.fatal(known);
  }
}
