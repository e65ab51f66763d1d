/**
 * The messages RFC 4475 describes, written anew with the features each is named for, and what a server owes each: to hand it to the
 * application, a status of its own, or silence. `{port}` is the sender's port.
 */

export interface TortureMessage {
  /** The RFC's name and section. */
  readonly name: string;
  readonly text: string;
  /** `app` = reaches the application; a number = the server's own answer; `silence` = dropped. */
  readonly owed: 'app' | 'silence' | number;
  /** Must be in what the application, or the sender, sees. */
  readonly shows?: string;
}

const VIA = 'Via: SIP/2.0/UDP 127.0.0.1:{port}';

/** A message with the mandatory headers; `change` replaces some of them (an empty value takes one out), `more` follows. */
function plain(
  start: string,
  id: string,
  change: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
  body = '',
): string {
  const method = start.split(' ')[0]!;
  const headers: Record<string, string> = {
    via: `${VIA};branch=z9hG4bK-${id}`,
    maxForwards: 'Max-Forwards: 70',
    from: `From: <sip:caller@example.net>;tag=f-${id}`,
    to: 'To: <sip:callee@example.com>',
    callId: `Call-ID: torture-${id}@example.net`,
    cseq: `CSeq: 8 ${method}`,
    contact: 'Contact: <sip:caller@host5.example.net>',
    length: `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
    ...change,
  };
  const lines = Object.values(headers).filter((line) => line !== '');
  return [start, ...lines.slice(0, -1), ...more, ...lines.slice(-1), '', body].join('\r\n');
}

const SDP =
  'v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 49217 RTP/AVP 0\r\n';
const SDP_TYPE = 'Content-Type: application/sdp';
const LONG = 'long'.repeat(120);

const VALID: readonly TortureMessage[] = [
  {
    name: 'wsinv 3.1.1.1',
    owed: 'app',
    shows: 'wsinv.ndaksdj@192.0.2.1',
    text: [
      'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
      'TO :',
      ' sip:vivekg@chair-dnrc.example.com   ',
      'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
      '  ;',
      '  tag = 98asjd8',
      'MaX-fOrWaRdS: 0068',
      'Call-ID: wsinv.ndaksdj@192.0.2.1',
      'Content-Length   : 0',
      'cseq: 0009',
      '  INVITE',
      'Via  : SIP  /   2.0',
      ' /UDP',
      '    127.0.0.1:{port};branch=390skdjuw',
      's :',
      'NewFangledHeader:   newfangled value',
      ' continued newfangled value',
      'UnknownHeaderWithUnusualValue: ;;,,;;,;',
      'Content-Type: application/sdp',
      'Route:',
      ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>',
      'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
      '  branch  =   z9hG4bK9ikj8  ,',
      ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
      ' z9hG4bK30239',
      'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
      '      newvalue ;',
      '  secondparam ; q = 0.33',
      '',
      '',
    ].join('\r\n'),
  },
  {
    name: 'wsinv 3.1.1.1 within an unknown dialog',
    owed: 481,
    text: plain('INVITE sip:vivekg@chair-dnrc.example.com SIP/2.0', 'wsinv2', {
      to: 'TO :\r\n sip:v@example.com ;   tag    = 1918181833n',
    }),
  },
  {
    name: 'intmeth 3.1.1.2',
    owed: 'app',
    shows: "crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
    text: plain(
      "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
      'intmeth',
      { to: 'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~@example.com>' },
      ["extensionHeader-!.%*+_`'~: \xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb"],
    ),
  },
  {
    name: 'esc01 3.1.1.3',
    owed: 'app',
    shows: 'sips%3Auser%40example.com@example.net',
    text: plain('INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0', 'esc01'),
  },
  {
    name: 'escnull 3.1.1.4',
    owed: 'app',
    shows: '%00@host5.example.com',
    text: plain('REGISTER sip:example.com SIP/2.0', 'escnull', {
      to: 'To: sip:null-%00-null@example.com',
      contact: 'Contact: <sip:%00@host5.example.com>\r\nContact: <sip:%00%00@host5.example.com>',
    }),
  },
  { name: 'esc02 3.1.1.5', owed: 503, text: plain('RE%47IST%45R sip:registrar.example.com SIP/2.0', 'esc02') },
  {
    name: 'lwsdisp 3.1.1.6',
    owed: 'app',
    text: plain('OPTIONS sip:user@example.com SIP/2.0', 'lwsdisp', {
      from: 'From: caller<sip:caller@example.com>;tag=323',
    }),
  },
  {
    name: 'longreq 3.1.1.7',
    owed: 'app',
    shows: `${LONG}@example.net`,
    text: plain(
      'INVITE sip:user@example.com SIP/2.0',
      'longreq',
      {
        to: `To: "${LONG}" <sip:user@example.com;unknown=${LONG}>`,
        callId: `Call-ID: longreq.${LONG}@example.net`,
        via: `${VIA};branch=z9hG4bK-longreq-${LONG}\r\n${`v: SIP/2.0/TCP ${LONG.slice(0, 60)}.example.net;branch=z9hG4bK${LONG}\r\n`.repeat(34).trimEnd()}`,
      },
      [`Unknown-${LONG}: ${LONG}${LONG}`],
    ),
  },
  {
    name: 'dblreq 3.1.1.8',
    owed: 'app',
    shows: 'CSeq: 8 REGISTER',
    text: plain('REGISTER sip:example.com SIP/2.0', 'dblreq') + plain('INVITE sip:joe@example.com SIP/2.0', 'dblreq2'),
  },
  {
    name: 'semiuri 3.1.1.9',
    owed: 'app',
    shows: 'sip:user;par=u%40example.net@example.com',
    text: plain('OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0', 'semiuri'),
  },
  {
    name: 'transports 3.1.1.10',
    owed: 'app',
    text: plain('OPTIONS sip:user@example.com SIP/2.0', 'transports', {
      via: `${VIA};branch=z9hG4bK-transports\r\nVia: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKkf\r\nVia: SIP/2.0/TLS t3.example.com;branch=z9hG4bKkg\r\nVia: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKkh`,
    }),
  },
  {
    name: 'mpart01 3.1.1.11',
    owed: 'app',
    shows: '--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n',
    text: plain(
      'MESSAGE sip:kumiko@example.org SIP/2.0',
      'mpart01',
      {},
      ['MIME-Version: 1.0', 'Content-Type: multipart/mixed;boundary=7a9cbec02ceef655'],
      '--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655\r\nContent-Type: application/octet-stream\r\n\r\n\x00\x01\xfe\xff0\x82\r\n--7a9cbec02ceef655--\r\n',
    ),
  },
];

const INVALID: readonly TortureMessage[] = [
  {
    name: 'badinv01 3.1.2.1',
    owed: 400,
    text: plain('INVITE sip:user@example.com SIP/2.0', 'badinv01', {
      via: `${VIA};branch=z9hG4bK-badinv01;;,;,,`,
      from: 'From: "Mr. J" <sip:j@example.com>;;;;tag=1',
      contact: 'Contact: "Joe" <sip:joe@example.org>;;;;',
    }),
  },
  {
    name: 'clerr 3.1.2.2',
    owed: 400,
    text: plain('INVITE sip:user@example.com SIP/2.0', 'clerr', { length: 'Content-Length: 9999' }, [SDP_TYPE], SDP),
  },
  {
    name: 'ncl 3.1.2.3',
    owed: 400,
    text: plain('INVITE sip:user@example.com SIP/2.0', 'ncl', { length: 'Content-Length: -999' }, [SDP_TYPE], SDP),
  },
  {
    name: 'scalar02 3.1.2.4',
    owed: 400,
    text: plain(
      'REGISTER sip:example.com SIP/2.0',
      'scalar02',
      { cseq: 'CSeq: 36893488147419103232 REGISTER', maxForwards: 'Max-Forwards: 300' },
      ['Expires: 1000000000000000000000000'],
    ),
  },
  {
    name: 'scalarlg 3.1.2.5',
    owed: 'silence',
    text: plain('SIP/2.0 503 Service Unavailable', 'scalarlg', { cseq: 'CSeq: 9292394834772304023312 OPTIONS' }, [
      'Retry-After: 949302838503028349304023988',
    ]),
  },
  {
    name: 'quotbal 3.1.2.6',
    owed: 400,
    text: plain('INVITE sip:user@example.com SIP/2.0', 'quotbal', { to: 'To: "Mr. J. User <sip:j.user@example.com>' }),
  },
  { name: 'ltgtruri 3.1.2.7', owed: 400, text: plain('INVITE <sip:user@example.com> SIP/2.0', 'ltgtruri') },
  { name: 'lwsruri 3.1.2.8', owed: 400, text: plain('INVITE sip:user@example.com; lr SIP/2.0', 'lwsruri') },
  { name: 'lwsstart 3.1.2.9', owed: 400, text: plain('INVITE  sip:user@example.com  SIP/2.0', 'lwsstart') },
  { name: 'trws 3.1.2.10', owed: 400, text: plain('OPTIONS sip:remote-target@example.com SIP/2.0  ', 'trws') },
  {
    name: 'escruri 3.1.2.11',
    owed: 400,
    text: plain('INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0', 'escruri'),
  },
  {
    name: 'baddate 3.1.2.12',
    owed: 'app',
    text: plain('INVITE sip:user@example.com SIP/2.0', 'baddate', {}, ['Date: Fri, 01 Jan 2010 16:00:00 EST']),
  },
  {
    name: 'regbadct 3.1.2.13',
    owed: 400,
    text: plain('REGISTER sip:example.com SIP/2.0', 'regbadct', {
      contact: 'Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E',
    }),
  },
  {
    name: 'badaspec 3.1.2.14',
    owed: 400,
    text: plain('OPTIONS sip:user@example.org SIP/2.0', 'badaspec', {
      to: 'To: "Watson, Thomas" < sip:t.watson@example.org >',
    }),
  },
  {
    name: 'baddn 3.1.2.15',
    owed: 'app',
    text: plain('OPTIONS sip:t.watson@example.org SIP/2.0', 'baddn', {
      from: 'From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43',
    }),
  },
  { name: 'badvers 3.1.2.16', owed: 505, text: plain('OPTIONS sip:t.watson@example.org SIP/7.0', 'badvers') },
  {
    name: 'mismatch01 3.1.2.17',
    owed: 400,
    text: plain('OPTIONS sip:user@example.com SIP/2.0', 'mismatch01', { cseq: 'CSeq: 8 INVITE' }),
  },
  {
    name: 'mismatch02 3.1.2.18',
    owed: 400,
    text: plain('NEWMETHOD sip:user@example.com SIP/2.0', 'mismatch02', { cseq: 'CSeq: 8 INVITE' }),
  },
  {
    name: 'bigcode 3.1.2.19',
    owed: 'silence',
    text: plain('SIP/2.0 4294967301 better not break the receiver', 'bigcode', { cseq: 'CSeq: 8 INVITE' }),
  },
];

const LAYERS: readonly TortureMessage[] = [
  {
    name: 'badbranch 3.2.1',
    owed: 'app',
    text: plain('OPTIONS sip:user@example.com SIP/2.0', 'badbranch', { via: `${VIA};branch=z9hG4bK` }),
  },
  {
    name: 'insuf 3.3.1',
    owed: 400,
    text: plain('INVITE sip:user@example.com SIP/2.0', 'insuf', { from: '', to: '', callId: '' }),
  },
  {
    name: 'unkscm 3.3.2',
    owed: 416,
    text: plain('OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0', 'unkscm'),
  },
  { name: 'novelsc 3.3.3', owed: 416, text: plain('OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0', 'novelsc') },
  {
    name: 'unksm2 3.3.4',
    owed: 'app',
    text: plain('REGISTER sip:example.com SIP/2.0', 'unksm2', {
      to: 'To: isbn:2983792873',
      from: 'From: <http://www.example.com>;tag=3234233',
      contact: 'Contact: <name:John_Smith>',
    }),
  },
  {
    name: 'bext01 3.3.5',
    owed: 420,
    shows:
      'Unsupported: nothingSupportsThis, nothingSupportsThisEither, noProxiesSupportThis, norDoAnyProxiesSupportThis',
    text: plain('OPTIONS sip:user@example.com SIP/2.0', 'bext01', {}, [
      'Require: nothingSupportsThis, nothingSupportsThisEither',
      'Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis',
    ]),
  },
  {
    name: 'invut 3.3.6',
    owed: 'app',
    shows: '<audio>',
    text: plain(
      'INVITE sip:user@example.com SIP/2.0',
      'invut',
      {},
      ['Content-Type: application/unknownformat'],
      '<audio>\r\n <pcmu port="443"/>\r\n</audio>\r\n',
    ),
  },
  {
    name: 'regaut01 3.3.7',
    owed: 'app',
    text: plain('REGISTER sip:example.com SIP/2.0', 'regaut01', {}, [
      'Authorization: NoOneKnowsThisScheme opaque-data=here',
    ]),
  },
  {
    name: 'multi01 3.3.8',
    owed: 400,
    text: plain('INVITE sip:user@company.com SIP/2.0', 'multi01', {
      from: 'From: <sip:a@example.com>;tag=1\r\nFrom: <sip:b@example.com>;tag=2',
      callId: 'Call-ID: multi01-1\r\nCall-ID: multi01-2',
    }),
  },
  {
    name: 'mcl01 3.3.9',
    owed: 400,
    text: plain(
      'OPTIONS sip:user@example.com SIP/2.0',
      'mcl01',
      { length: 'Content-Length: 13\r\nContent-Length: 5' },
      ['Content-Type: text/plain'],
      "There's no way",
    ),
  },
  {
    name: 'bcast 3.3.10',
    owed: 'silence',
    text: plain('SIP/2.0 200 OK', 'bcast', {
      via: 'Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23',
      cseq: 'CSeq: 8 INVITE',
    }),
  },
  {
    name: 'zeromf 3.3.11',
    owed: 'app',
    text: plain('OPTIONS sip:user@example.com SIP/2.0', 'zeromf', { maxForwards: 'Max-Forwards: 0' }),
  },
  {
    name: 'cparam01 3.3.12',
    owed: 'app',
    text: plain('REGISTER sip:example.com SIP/2.0', 'cparam01', {
      contact: 'Contact: sip:+19725552222@gw1.example.net;unknownparam',
    }),
  },
  {
    name: 'cparam02 3.3.13',
    owed: 'app',
    text: plain('REGISTER sip:example.com SIP/2.0', 'cparam02', {
      contact: 'Contact: <sip:+19725552222@gw1.example.net;unknownparam>',
    }),
  },
  {
    name: 'regescrt 3.3.14',
    owed: 'app',
    text: plain('REGISTER sip:example.com SIP/2.0', 'regescrt', {
      contact: 'Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>',
    }),
  },
  {
    name: 'sdp01 3.3.15',
    owed: 'app',
    text: plain('INVITE sip:user@example.com SIP/2.0', 'sdp01', {}, ['Accept: text/nobodyKnowsThis', SDP_TYPE], SDP),
  },
  {
    name: 'inv2543 3.4.1',
    owed: 'app',
    text: `INVITE sip:UserB@example.com SIP/2.0\r\n${VIA}\r\nFrom: <sip:iuser@example.com>\r\nTo: <sip:user@example.com>\r\nCall-ID: inv2543.1717@ecs.example.com\r\nCSeq: 56 INVITE\r\n${SDP_TYPE}\r\n\r\n${SDP}`,
  },
];

/** All requests, and the responses that arrive unasked. */
export const TORTURE: readonly TortureMessage[] = [...VALID, ...INVALID, ...LAYERS];

/** Start lines of responses to a request of ours (3.1.1.12, 3.1.1.13), as binary strings. */
export const TORTURE_RESPONSES: readonly { readonly name: string; readonly start: string }[] = [
  {
    name: 'unreason 3.1.1.12',
    start:
      'SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe \xd0\xb4\xd0\xb5\xd0\xb2\xd1\x8f\xd0\xbd\xd0\xbe\xd1\x81\xd1\x82\xd0\xbe',
  },
  { name: 'noreason 3.1.1.13', start: 'SIP/2.0 100 ' },
];
