/** Everything the API has can be reached from a page: a route that no page uses says here why. */
import { routes } from '@callwright/api-contract';
import { expect, it } from 'vitest';

const ONE_OF_A_LIST = 'the list that the page reads has all of it';
const COMMAND_OF_A_PHONE = 'a command of phones and programs about one leg, which they know and a page does not';
const OTHER_PROGRAM = 'for other programs';
const OF_A_CLIENT = 'for clients of a user; phones do the same by keys and feature codes';

/** Routes without a page, each with the reason. */
const WITHOUT_PAGE: Readonly<Record<string, string>> = {
  getDevice: ONE_OF_A_LIST,
  getSite: ONE_OF_A_LIST,
  getDepartment: ONE_OF_A_LIST,
  getRingGroup: ONE_OF_A_LIST,
  getCalendar: ONE_OF_A_LIST,
  getParkSlot: ONE_OF_A_LIST,
  getPhonebook: ONE_OF_A_LIST,
  getContact: ONE_OF_A_LIST,
  getRecording: ONE_OF_A_LIST,
  getRecordingPolicy: ONE_OF_A_LIST,
  getNumber: ONE_OF_A_LIST,
  getPrompt: ONE_OF_A_LIST,
  getRoutingRule: ONE_OF_A_LIST,
  getTrunk: ONE_OF_A_LIST,
  getScheduledCall: ONE_OF_A_LIST,
  getPartnerModule: ONE_OF_A_LIST,
  lookUpContacts: 'calls show the contact that the API has found',
  listHistory: 'the history reads `listCalls`, which has running calls too',
  diffFlow: 'the editor compares revisions itself',
  listDestinationTypes: 'forms know the kinds that they can ask for; the API refuses others',
  joinCalls: COMMAND_OF_A_PHONE,
  deflectCall: COMMAND_OF_A_PHONE,
  answerCall: COMMAND_OF_A_PHONE,
  overrideNode: 'whoever replaces the settings of a node in a running call does so by a program that knows them',
  listMyCalls: OF_A_CLIENT,
  commandMyAgent: OF_A_CLIENT,
  putMyChatPresence: OF_A_CLIENT,
  getMyRecordingTranscript: OF_A_CLIENT,
  createCall: OTHER_PROGRAM,
  createReferral: OTHER_PROGRAM,
  getReferral: OTHER_PROGRAM,
  lookUpMyContacts: 'calls show the contact that the API has found',
  getFlowCoverage: 'the editor knows the coverage from the tests that it runs itself',
  listDirectoryEvents: 'pages follow the stream of the same events',
};

const SOURCES = import.meta.glob<string>('../**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });

it('uses every route of the contract on a page, but for those with a reason', () => {
  const text = Object.entries(SOURCES)
    .filter(([path]) => !path.includes('.test.'))
    .map(([, source]) => source)
    .join('\n');
  const used = new Set([...text.matchAll(/\broutes\.([A-Za-z]+)/g)].map(([, id]) => id));
  // the stream of a company's calls is opened by its address
  if (text.includes('${API_PREFIX}/events')) used.add('streamEvents');
  const unused = Object.keys(routes).filter((id) => !used.has(id));
  expect(unused.filter((id) => !(id in WITHOUT_PAGE))).toEqual([]);
  expect(Object.keys(WITHOUT_PAGE).filter((id) => !(id in routes))).toEqual([]);
});
