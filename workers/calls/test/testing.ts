/** What other tests of the run time build on: worlds with a fake media instance around real workers. */
export { type FakeMedia, fakeMedia, hangupBody } from './fake-media.ts';
export { openWorld, scriptedStart, startCall, temporalOptions, until, type World } from './world.ts';
