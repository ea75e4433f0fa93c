// What the story does with a cluster, whoever carries it: kubectl on this machine, or the API server's own interface in a pod.
import type { Resource } from '../../api/index.js';
import type { RESOURCES } from '../../operator/runtime/kubeObject.js';

export type StoryKind = keyof typeof RESOURCES;

export interface StoryObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** What the API server said to one request. */
export interface Answer {
  accepted: boolean;
  /** Why it was refused, or the warnings that came with the object. */
  said: string;
}

/** Namespaced kinds are those of the story's own namespace. */
export interface ClusterAccess {
  apply(object: StoryObject | Resource): Promise<Answer>;
  create(object: StoryObject): Promise<Answer>;
  bind(pod: { name: string; uid: string }, node: string): Promise<Answer>;
  get<T>(kind: StoryKind, name: string): Promise<T | undefined>;
  list<T>(kind: StoryKind, labelSelector?: string): Promise<T[]>;
  /** Resolves when it is gone; that there is none is as good. Rejects when it is there still after `withinMs`. */
  remove(kind: StoryKind, name: string, withinMs?: number): Promise<void>;
  removeAll(kind: StoryKind): Promise<void>;
}

/** What should have been let in was not. */
export class Refused extends Error {}

/** Throws Refused with what the API server said. */
export async function accepted(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  if (!answer.accepted) throw new Refused(answer.said);
  return answer;
}
