/** Settings of an integration module (V-012). */
import * as z from 'zod';
import type { Notice } from '../src/contract.ts';
import { SSN_EVENT, USER_EVENT } from './tables.ts';

const userEvents = Object.keys(USER_EVENT) as [keyof typeof USER_EVENT, ...(keyof typeof USER_EVENT)[]];
const ssnEvents = Object.keys(SSN_EVENT) as [keyof typeof SSN_EVENT, ...(keyof typeof SSN_EVENT)[]];

export const Settings = z.strictObject({
  userLevel: z
    .boolean()
    .default(true)
    .meta({ title: 'User integration', description: 'Services and events of extensions' }),
  extendedLevel: z
    .boolean()
    .default(false)
    .meta({ title: 'Extended commands and events (SSN)', description: 'Services and events of all entities' }),
  commands: z.boolean().default(true).meta({ title: 'Commands enabled', description: 'The token may be used' }),
  extensions: z
    .array(z.string().min(1).max(32))
    .max(5000)
    .nullable()
    .default(null)
    .meta({ title: 'Extensions', description: 'Users the module is about; empty: all' }),
  notificationUrl: z.string().max(2000).default('').meta({
    title: 'Notification URL',
    description: 'Where events go, e.g. http://my_server/logger.php; may carry a query',
  }),
  userEvents: z.array(z.enum(userEvents)).default(userEvents).meta({ title: 'Events of users' }),
  extendedEvents: z.array(z.enum(ssnEvents)).default(ssnEvents).meta({ title: 'Extended events' }),
  extendedEventType: z
    .number()
    .int()
    .min(0)
    .max(99)
    .default(1)
    .meta({ title: 'event_type of extended events', description: 'Events of users are 2' }),
  licenseId: z.string().max(100).default('').meta({
    title: 'License',
    description: 'license_id of script requests and events; empty: the number of the company, and not sent with events',
  }),
  domain: z.string().max(200).default('').meta({
    title: 'Domain',
    description: 'domain of script requests; sent with events when it is set',
  }),
  addressBook: z.boolean().default(true).meta({ title: 'Address book enabled' }),
  application: z
    .string()
    .max(60)
    .default('')
    .meta({ title: 'Application name', description: 'The uc_app_name that contacts must carry; empty: any' }),
});
export type Settings = z.infer<typeof Settings>;

/** The extension is one the module is about. */
export const covers = ({ extensions }: Settings, extension: string): boolean =>
  extensions === null || extensions.includes(extension);

/** The event is ticked, its level is on, its extension selected (V-006). */
export function wants(settings: Settings, { level, event, extension }: Notice): boolean {
  if (settings.notificationUrl === '') return false;
  if (level === 'extended')
    return settings.extendedLevel && (settings.extendedEvents as readonly string[]).includes(event);
  if (!(settings.userEvents as readonly string[]).includes(event)) return false;
  // the failure of an extended command is about nobody
  if (extension === null) return settings.extendedLevel;
  return settings.userLevel && covers(settings, extension);
}
