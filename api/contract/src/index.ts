/** The HTTP API as data: routes, their schemas and the error catalogue. Browsers, CLI and server import it. */
import { callerListRoutes } from './caller-lists.ts';
import { callingRoutes } from './calling.ts';
import { callRoutes } from './calls.ts';
import { connectRoutes } from './connect.ts';
import { consoleRoutes } from './console.ts';
import { csvRoutes } from './csv.ts';
import { groupRoutes, numberRoutes } from './directory.ts';
import { erasureRoutes } from './erasures.ts';
import { externalIdRoutes } from './external-ids.ts';
import { flowLiveRoutes } from './flow-live.ts';
import { flowRoutes, promptRoutes } from './flows.ts';
import { historyRoutes } from './history.ts';
import { identityRoutes } from './identity.ts';
import { ldapRoutes } from './ldap-connections.ts';
import { mailRoutes, recogniserRoutes } from './mail.ts';
import { meRoutes } from './me.ts';
import { myCallRoutes } from './my-calls.ts';
import { ownSpaceRoutes } from './own-space.ts';
import { partnerModuleRoutes } from './partner-modules.ts';
import { contactRoutes, phonebookRoutes } from './phonebooks.ts';
import { departmentRoutes, siteRoutes } from './places.ts';
import { presenceRoutes } from './presence.ts';
import { queueRoutes } from './queues.ts';
import { recordingPolicyRoutes, recordingRoutes } from './recordings.ts';
import { referralRoutes } from './referrals.ts';
import { meetingRoomRoutes, parkSlotRoutes } from './rooms.ts';
import { featureCodeRoutes, restrictionRoutes, routingRoutes } from './routing.ts';
import { steeringRoutes } from './steering.ts';
import { trunkRoutes } from './trunks.ts';
import { userRoutes } from './users.ts';
import { greetingRoutes, voicemailBoxRoutes } from './voicemail-boxes.ts';
import { voicemailMessageRoutes } from './voicemail-messages.ts';
import { webhookRoutes } from './webhooks.ts';

export * from './caller-lists.ts';
export * from './calling.ts';
export * from './calls.ts';
export * from './connect.ts';
export * from './console.ts';
export * from './csv.ts';
export * from './directory.ts';
export * from './erasures.ts';
export * from './errors.ts';
export * from './external-ids.ts';
export * from './fields.ts';
export * from './flow-live.ts';
export * from './flows.ts';
export * from './history.ts';
export * from './identity.ts';
export * from './ldap-connections.ts';
export * from './mail.ts';
export * from './me.ts';
export * from './my-calls.ts';
export * from './own-space.ts';
export * from './partner-modules.ts';
export * from './permissions.ts';
export * from './phonebooks.ts';
export * from './places.ts';
export * from './presence.ts';
export * from './queues.ts';
export * from './recordings.ts';
export * from './referrals.ts';
export * from './resource.ts';
export * from './rooms.ts';
export * from './route.ts';
export * from './routing.ts';
export * from './steering.ts';
export * from './trunks.ts';
export * from './users.ts';
export * from './voicemail-boxes.ts';
export * from './voicemail-messages.ts';
export * from './webhooks.ts';

/** Every route by id. */
export const routes = {
  ...identityRoutes,
  ...userRoutes,
  ...siteRoutes,
  ...departmentRoutes,
  ...groupRoutes,
  ...voicemailBoxRoutes,
  ...greetingRoutes,
  ...voicemailMessageRoutes,
  ...recordingRoutes,
  ...recordingPolicyRoutes,
  ...mailRoutes,
  ...recogniserRoutes,
  ...meetingRoomRoutes,
  ...parkSlotRoutes,
  ...ldapRoutes,
  ...queueRoutes,
  ...phonebookRoutes,
  ...contactRoutes,
  ...callerListRoutes,
  ...meRoutes,
  ...myCallRoutes,
  ...ownSpaceRoutes,
  ...csvRoutes,
  ...erasureRoutes,
  ...externalIdRoutes,
  ...numberRoutes,
  ...promptRoutes,
  ...flowRoutes,
  ...flowLiveRoutes,
  ...routingRoutes,
  ...featureCodeRoutes,
  ...restrictionRoutes,
  ...callRoutes,
  ...steeringRoutes,
  ...historyRoutes,
  ...webhookRoutes,
  ...connectRoutes,
  ...referralRoutes,
  ...callingRoutes,
  ...trunkRoutes,
  ...presenceRoutes,
  ...partnerModuleRoutes,
  ...consoleRoutes,
} as const;

/** Where the routes are mounted. */
export const API_PREFIX = '/api/v1';
