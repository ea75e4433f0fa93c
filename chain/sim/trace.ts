// A readable account of one seed: every event and effect of every core, at its virtual time.
import type { Effect, Event, Payload } from '../consensus/types.js';
import type { SimBlock } from './simBlock.js';

export class Trace {
  readonly lines: string[] = [];

  line(time: number, text: string): void {
    this.lines.push(`${time.toFixed(0).padStart(7)} ms  ${text}`);
  }
  event(time: number, node: number, event: Event<SimBlock>): void {
    this.line(time, `n${node} <- ${eventText(event)}`);
  }
  effect(time: number, node: number, effect: Effect<SimBlock>): void {
    if (effect.type !== 'ClearTimer') this.line(time, `n${node}      -> ${effectText(effect)}`);
  }
}

function eventText(event: Event<SimBlock>): string {
  switch (event.type) {
    case 'Start':
      return `Start height ${event.height} of ${event.set.validators.length}${event.self === null ? ', following' : ''}`;
    case 'Message':
      return `n${event.peer} ${messageText(event.message)}`;
    case 'Timer':
      return `Timer ${event.id}`;
    case 'ProposalReady':
      return `ProposalReady ${event.height}/${event.round} ${event.digest.slice(0, 8)}`;
    case 'ProposalValidated':
      return `ProposalValidated ${event.ok ? 'good' : 'bad'}`;
    case 'PeerConnected':
      return `PeerConnected n${event.peer}`;
    case 'Persisted':
      return `Persisted ${event.token}`;
    case 'WorkAvailable':
      return 'WorkAvailable';
  }
}

function effectText(effect: Effect<SimBlock>): string {
  switch (effect.type) {
    case 'Broadcast':
      return `all: ${messageText(effect.message)}`;
    case 'Send':
      return `n${effect.to}: ${messageText(effect.message)}`;
    case 'SetTimer':
      return `SetTimer ${effect.id} in ${effect.afterMs} ms`;
    case 'Persist':
      return `Persist ${effect.token} ${payloadText(effect.record.vote.payload)}`;
    case 'Commit':
    case 'RequestProposal':
    case 'ValidateProposal':
      return `${effect.type} ${effect.height}/${effect.round}${'digest' in effect ? ` ${effect.digest.slice(0, 8)}` : ''}`;
    case 'RequestSync':
      return `RequestSync of ${effect.height} from n${effect.fromPeer}`;
    case 'Evidence':
      return `Evidence against n${effect.second.from}: ${payloadText(effect.first.payload)}, ${payloadText(effect.second.payload)}`;
    case 'ClearTimer':
      return `ClearTimer ${effect.id}`;
  }
}

function messageText(message: unknown): string {
  const { from, payload } = (message ?? {}) as { from?: unknown; payload?: Payload };
  return payload?.type === undefined || typeof payload.height !== 'number' ? 'garbage' : `${payloadText(payload)} signed by n${String(from)}`;
}

function payloadText(payload: Payload): string {
  const at = `${payload.type} ${payload.height}/${payload.round}`;
  if (payload.type !== 'roundChange') return `${at} ${String(payload.digest).slice(0, 8)}`;
  return payload.preparedRound === null
    ? `${at} nothing prepared`
    : `${at} prepared ${payload.preparedRound} ${String(payload.preparedDigest).slice(0, 8)}`;
}
