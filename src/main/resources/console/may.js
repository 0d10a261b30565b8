// What whoever is signed in may do: only that is offered. The server decides it again with each request.

import { ROLES } from "./parts.js";

const WORDS = Object.keys(ROLES);

let who = null;

/** @param principal as `GET /whoami` answers; null: nobody */
export function signedIn(principal) {
  who = principal;
}

/** Whether their role is that one or more. */
export const may = (role) => who !== null && WORDS.indexOf(who.role) <= WORDS.indexOf(role);

/** Whether they are of no single community. */
export const ofAll = () => who !== null && who.community_id === null;

/** Whether something is theirs to change: what all communities share, the platform alone changes. */
export const owns = ({ community_id: community }) => ofAll() || (who !== null && who.community_id === community);
