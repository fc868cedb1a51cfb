/** The looks of the page: system fonts, two columns where there is room, light or dark as the reader's system says. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--page:#faf9f6;--card:#fff;--ink:#22262b;--soft:#5d656e;--line:#e4e1da;--faint:#f1efe9;--accent:#0b7a75;--accent-faint:#e3f1ef;--right:#18713d;--wrong:#b3382c;--shadow:0 1px 2px #00000010,0 6px 20px #0000000a;
--m0:#0b7a75;--m1:#5156c9;--m2:#c2571a;--m3:#a13670;--m4:#8a6d00;--m5:#2f74c0;--m6:#4d7c2a;--m7:#6b7280}
@media (prefers-color-scheme:dark){:root{--page:#15171a;--card:#1d2024;--ink:#e7e5e0;--soft:#a2a8b0;--line:#30353b;--faint:#262a2f;--accent:#56c9bf;--accent-faint:#1d3532;--right:#6fcf8f;--wrong:#ff9183;--shadow:none;
--m0:#4fc4ba;--m1:#a3a6ff;--m2:#f29b63;--m3:#ec8bbd;--m4:#dcbf4a;--m5:#7fb8f5;--m6:#a3cf78;--m7:#a7aeb8}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0 auto;padding:0 clamp(16px,4vw,40px) 48px;max-width:1180px;background:var(--page);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
h1,h2,h3,h4,p,dl,dd,ul,figure{margin:0;padding:0}
h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.1rem);line-height:1.2;letter-spacing:-.015em;font-weight:650}
h2{font-size:1.35rem;font-weight:620;letter-spacing:-.01em;margin:0 0 6px}
h3{font-size:1rem;font-weight:620;margin:0 0 10px}
small{font-size:.8em;color:var(--soft);font-weight:400}
a{color:var(--accent);text-underline-offset:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:18px;box-shadow:var(--shadow)}
.note{color:var(--soft);max-width:92ch;margin:0 0 14px}
.label{font-size:.72rem;letter-spacing:.05em;text-transform:uppercase;color:var(--soft)}
main>section{margin-top:52px;scroll-margin-top:60px}
h2+.details,h2+.card{margin-top:12px}
header.page{display:flex;gap:16px;align-items:center;padding-top:36px}
header.page p{color:var(--soft);margin-top:4px;max-width:76ch}
.logo{flex:none;width:48px;height:48px;fill:none;stroke:var(--accent);stroke-width:2.5}
.logo circle:last-child{fill:var(--accent)}
nav{display:flex;gap:4px 20px;overflow-x:auto;position:sticky;top:0;z-index:3;background:var(--page);margin-top:16px;padding:10px 0;border-bottom:1px solid var(--line);scrollbar-width:none}
nav a{color:var(--soft);text-decoration:none;white-space:nowrap;font-size:.92rem}
nav a:hover{color:var(--ink)}
main>.headline{margin-top:28px}
.headline>p{color:var(--soft);margin-bottom:10px}.headline strong{color:var(--ink);font-weight:600}
.headline dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px}
.headline dl>div{display:flex;flex-direction:column-reverse;justify-content:flex-end;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:16px 18px;box-shadow:var(--shadow)}
.headline dl>div:first-child{background:var(--accent-faint);border-color:transparent}
.headline dd{font-size:2rem;line-height:1.2;font-weight:640;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.headline .unit{font-size:.6em;font-weight:500;color:var(--soft)}
.headline dt{color:var(--soft);font-size:.9rem}
html:not(.scripted) .tabs,html:not(.scripted) .scripted{display:none}
html:not(.scripted) [role=tabpanel]+[role=tabpanel]{margin-top:24px}
.scripted .pills>.panels>[role=tabpanel]>h3{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
[role=tab]{font:inherit;color:inherit;background:none;border:0;margin:0;padding:0;cursor:pointer;text-align:inherit}
.pills>.tabs{display:inline-flex;flex-wrap:wrap;gap:4px;background:var(--faint);border-radius:11px;padding:4px;margin:4px 0 14px}
.pills>.tabs>[role=tab]{padding:5px 14px;border-radius:8px;font-size:.92rem;color:var(--soft)}
.pills>.tabs>[aria-selected=true]{background:var(--card);color:var(--ink);box-shadow:0 1px 3px #0002;font-weight:560}
.scroll{position:relative;overflow-x:auto;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th{font-weight:500;text-align:left}
.results{width:100%;background:var(--card);border-collapse:separate;border-spacing:0}
#results .scroll{border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow)}
.results th,.results td{padding:10px 14px;border-bottom:1px solid var(--line);text-align:right;vertical-align:top;white-space:nowrap}
.results tbody:last-child tr:last-child>*{border-bottom:0}
.results thead th{color:var(--soft);font-size:.85rem;vertical-align:bottom;white-space:normal;line-height:1.25}
.results th:first-child{position:sticky;left:0;background:inherit;text-align:left;background:var(--card);white-space:normal;min-width:132px;max-width:230px;z-index:1}
.results tbody:not(.bounds) th{padding-left:32px}
.results th .swatch{position:absolute;left:14px;top:17px}
.results .own th:first-child{font-weight:620}
.results .own>*{background:color-mix(in srgb,var(--accent-faint) 45%,var(--card))!important}
.results .share small{display:block}
.results .time{color:var(--soft)}
.results .score{min-width:104px}
.results .best{font-weight:680}
.results .none{color:var(--soft)}
.star{color:var(--accent);margin-right:5px;font-size:.85em}
.bar{display:block;height:5px;border-radius:3px;background:var(--faint);margin-top:7px;overflow:hidden}
.own .bar{background:color-mix(in srgb,var(--line) 70%,transparent)}
.bar i{display:block;height:100%;border-radius:3px;background:var(--mine,var(--soft))}
.bounds th,.bounds td{color:var(--soft);font-size:.92rem}
.bounds .bar i{opacity:.45}
.bounds tr:first-child>*{border-top:1px dashed var(--line)}
.key{color:var(--soft);font-size:.88rem;margin-top:10px}
details{margin-top:8px}
summary{cursor:pointer;color:var(--soft);font-size:.92rem}
summary:hover{color:var(--ink)}
details[open]>summary{margin-bottom:10px}
.facts>div{display:grid;grid-template-columns:minmax(110px,210px) 1fr;gap:2px 18px;padding:6px 0;border-bottom:1px solid var(--line)}
.facts>div:last-child{border-bottom:0}
.facts dt{color:var(--soft);font-size:.92rem}
.facts dd{font-size:.95rem;min-width:0}
.swatch{display:inline-block;width:.62em;height:.62em;border-radius:3px;background:var(--mine);margin-right:.55em;flex:none}
.method-0{--mine:var(--m0)}.method-1{--mine:var(--m1)}.method-2{--mine:var(--m2)}.method-3{--mine:var(--m3)}.method-4{--mine:var(--m4)}.method-5{--mine:var(--m5)}.method-6{--mine:var(--m6)}.method-7{--mine:var(--m7)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin-bottom:16px;font-size:.92rem}
.plot{position:relative;height:clamp(220px,34vw,340px);margin:0 4px 0 36px;cursor:crosshair;touch-action:pan-y}
.plot svg{width:100%;height:100%;display:block;overflow:visible}
.grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.line{fill:none;stroke:var(--mine);stroke-width:2;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.line.method-2{stroke-dasharray:7 3}.line.method-3{stroke-dasharray:2 3}.line.method-4{stroke-dasharray:9 3 2 3}.line.method-5{stroke-dasharray:4 4}
.tick-y,.tick-x{position:absolute;font-size:.78rem;color:var(--soft);font-variant-numeric:tabular-nums;pointer-events:none}
.tick-y{right:100%;margin-right:8px;transform:translateY(50%)}
.tick-x{top:100%;margin-top:4px;transform:translateX(-50%)}
figcaption{text-align:center;color:var(--soft);font-size:.82rem;margin-top:24px}
.crosshair{position:absolute;top:0;bottom:0;width:1px;background:var(--soft);pointer-events:none}
.tooltip{position:absolute;top:6px;z-index:2;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:8px 12px;font-size:.84rem;box-shadow:0 4px 16px #0003;pointer-events:none;white-space:nowrap}
.tooltip b{font-weight:600;display:block;margin-bottom:2px}
.tooltip span{display:flex;align-items:center}
.tooltip em{font-style:normal;margin-left:auto;padding-left:16px;font-variant-numeric:tabular-nums}
[hidden]{display:none!important}
.plain th,.plain td{padding:5px 18px 5px 0;border-bottom:1px solid var(--line);font-size:.92rem;vertical-align:top}
.plain tr:last-child>*{border-bottom:0}
.plain th{color:var(--soft);white-space:nowrap}
.picture{display:block;aspect-ratio:1;border-radius:10px;background:var(--faint) center/contain no-repeat;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.film .screen{display:block;position:relative;width:100%;font:inherit;border:0;margin:0;padding:0;background:none;cursor:pointer}
.film .screen>.picture{background-size:calc(var(--frames)*100%) 100%;background-position:0 0}
.film .screen::after{content:"";position:absolute;right:8px;bottom:8px;width:30px;height:30px;border-radius:50%;background:#000a}
.film .screen::before{content:"";position:absolute;z-index:1;right:17px;bottom:16px;border:7px solid transparent;border-left:11px solid #fff;border-right:0}
.film .screen[aria-pressed=true]::before{border:0;width:10px;height:12px;right:18px;bottom:17px;border-left:4px solid #fff;border-right:4px solid #fff}
.film .screen[aria-pressed=true]>.picture{animation:film var(--loop) steps(var(--frames),jump-none) infinite}
@media (hover:hover) and (prefers-reduced-motion:no-preference){.film .screen:hover>.picture{animation:film var(--loop) steps(var(--frames),jump-none) infinite}}
@keyframes film{from{background-position-x:0}to{background-position-x:100%}}
.strip{display:grid;grid-template-columns:repeat(var(--columns),1fr);gap:3px;margin-top:6px}
.strip>i{display:block;width:100%!important;border-radius:3px;background-repeat:no-repeat;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.still{display:grid;place-items:center;overflow:hidden}
.whole,.picture.whole{background-size:100% 100%}
.spectrogram{position:relative;margin:8px 0 26px 40px}
.spectrogram>.whole{display:block;height:130px;border-radius:4px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.unit-y{position:absolute;font-size:.72rem;color:var(--soft)}
.unit-y{right:100%;margin-right:8px;bottom:-14px}
.spectrogram .tick-y,.spectrogram .tick-x{font-size:.72rem;white-space:nowrap}
.scores{width:100%}
.scores caption{text-align:left;font-weight:620;padding-bottom:6px}
.scores th,.scores td{padding:6px 14px 6px 0;font-size:.92rem;border-bottom:1px solid var(--line)}
.scores tr:last-child>*{border-bottom:0}
.scores thead>tr>*{color:var(--soft);font-size:.8rem;white-space:nowrap}
.scores .number{text-align:right;font-weight:620;font-size:.95rem;white-space:nowrap}
.scores thead th:nth-child(2){text-align:right}
.scores .drawn{width:36%;min-width:90px}
.scores .bounds{color:var(--soft);white-space:nowrap;padding-right:0;width:1%}
.interval{display:block;position:relative;height:16px}
.interval::before{content:"";position:absolute;inset:6px 0;border-radius:2px;background:var(--faint)}
.interval .fill{position:absolute;left:0;top:3px;bottom:3px;border-radius:2px;background:var(--accent);opacity:.75;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.interval .range{position:absolute;top:1px;bottom:1px;border:solid var(--ink);border-width:0 2px}
.interval .range::before{content:"";position:absolute;left:0;right:0;top:calc(50% - 1px);height:2px;background:var(--ink)}
.axis{display:flex;justify-content:space-between;line-height:1;font-size:.68rem}
.missing{color:var(--soft);font-size:.88rem;background:var(--faint);border-radius:10px;padding:14px;overflow-wrap:anywhere}
.sample h4{margin-bottom:6px}.artist{overflow-wrap:anywhere}
audio{display:block;width:100%;height:40px}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,510px),1fr));gap:16px}
.sample{display:grid;grid-template-columns:minmax(112px,38%) 1fr;gap:18px;align-items:start}
.reference{font-weight:600;line-height:1.4}.reference .label{display:block;font-weight:400}
.more,.artist{color:var(--soft);font-size:.84rem;line-height:1.4;margin-top:2px}
.sample details{margin:0}.sample summary{font-size:.84rem}.sample details[open]>summary{margin-bottom:2px}
.more li{margin-left:1.1em}
.captions{margin-top:10px;border-top:1px solid var(--line)}
.captions>div{padding:6px 0;border-bottom:1px solid var(--line)}
.captions>div:last-child{border-bottom:0;padding-bottom:0}
.captions dt{font-size:.78rem;color:var(--soft);line-height:1.4}
.captions dd{display:flex;gap:8px;line-height:1.4;align-items:baseline}
.captions em,.plain em{color:var(--soft)}
.verdict{display:inline-block;flex:none;font-weight:700;width:1.15em;text-align:center}
.plain .verdict{margin-right:8px}
.right{color:var(--right)}.wrong{color:var(--wrong)}
.mark{display:inline-block;width:0;height:1em;vertical-align:-.15em;border-left:2px solid var(--ink);margin:0 .25em}
.mark.blind{border-left:2px dotted var(--ink)}
.types{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,430px),1fr));gap:16px}
.type table{width:100%}
.type caption{text-align:left;font-size:.82rem;color:var(--soft);padding-bottom:8px}
.type caption strong{display:block;color:var(--ink);font-size:1rem;font-weight:620}
.type caption span{white-space:nowrap;margin-right:10px}
.type caption .mark{margin-left:0}
.type th{font-size:.84rem;padding:4px 12px 4px 0;width:1%;white-space:nowrap;color:var(--soft)}
.track{position:relative;width:auto;padding:0;background:linear-gradient(var(--faint),var(--faint)) center/100% 14px no-repeat}
.track .fill{position:absolute;left:0;top:calc(50% - 7px);height:14px;background:var(--mine);border-radius:0 3px 3px 0}
.track .mark{position:absolute;top:0;bottom:0;height:auto;margin:0 0 0 -1px;filter:drop-shadow(0 0 1px var(--card))}
.number{width:1%;text-align:right;padding:4px 0 4px 12px;font-size:.9rem}
.thumbnails>.tabs{display:flex;gap:8px;overflow-x:auto;padding:4px 4px 12px;margin:0 -4px}
.thumbnails>.tabs>[role=tab]{flex:none;width:68px;border-radius:12px;padding:3px;border:2px solid transparent}
.thumbnails>.tabs>[aria-selected=true]{border-color:var(--accent)}
.asked{display:grid;grid-template-columns:minmax(0,300px) minmax(0,1fr);gap:24px;align-items:start}
.list{display:grid;grid-template-columns:minmax(190px,4fr) 5fr;gap:24px}
.list>.panels:only-child{grid-column:1/-1}
html:not(.scripted) .list{display:block}
.list>.tabs{display:flex;flex-direction:column;gap:4px}
.list>.tabs>[role=tab]{padding:7px 12px;border-radius:9px;display:flex;justify-content:space-between;align-items:baseline;gap:10px;line-height:1.35;border-left:3px solid transparent}
.list>.tabs>[role=tab]:hover{background:var(--faint)}
.list>.tabs>[aria-selected=true]{background:var(--accent-faint);border-left-color:var(--accent)}
h4{font-size:1.1rem;font-weight:600;line-height:1.35}
.truth{margin:4px 0 10px;font-weight:600}.truth .label,.truth .or{font-weight:400}.truth .or{color:var(--soft)}
.list .plain{width:100%}
.list .plain td{width:100%}
.details{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:16px;align-items:start;margin-bottom:16px}
.details .facts>div{grid-template-columns:minmax(100px,36%) 1fr}
.credits{list-style:none;columns:2 340px;column-gap:32px}
.credits li{padding:4px 0;break-inside:avoid}
.licence{font-size:.78rem;color:var(--soft);border:1px solid var(--line);border-radius:6px;padding:1px 6px;white-space:nowrap;margin-left:4px}
footer{margin-top:48px;color:var(--soft);font-size:.88rem;border-top:1px solid var(--line);padding-top:16px}
@media (max-width:820px){.asked{grid-template-columns:minmax(0,1fr)}.asked>:first-child{max-width:300px;width:100%}.list{grid-template-columns:1fr;gap:16px}}
@media (max-width:480px){.tooltip{font-size:.74rem;padding:6px 9px}.tooltip em{padding-left:10px}.card{padding:14px}header.page{padding-top:22px;gap:12px;align-items:start}.logo{width:36px;height:36px}.sample{grid-template-columns:1fr}.sample>:first-child{width:100%;max-width:280px}.headline dl{grid-template-columns:1fr 1fr}.headline dl>div{padding:12px 14px}.headline dd{font-size:1.5rem}.results th,.results td{padding:9px 10px}.results tbody:not(.bounds) th{padding-left:26px}.results th .swatch{left:10px;top:15px}.results th:first-child{min-width:108px;max-width:132px;box-shadow:1px 0 var(--line);font-size:.92rem}.results .score{min-width:88px}.scores thead{display:none}.scores tr{display:grid;grid-template-columns:minmax(0,1fr) 8em;padding:6px 0;border-bottom:1px solid var(--line)}.scores tr>*{border:0!important;padding:1px 0!important}.scores tr:last-child{border:0}.scores .drawn{width:auto;padding-right:12px!important}.scores .bounds{width:auto;text-align:right}.facts>div{grid-template-columns:1fr}.facts dt{font-size:.84rem}}
@media print{audio,.film .screen::before,.film .screen::after{display:none!important}nav,.tabs{display:none!important}[role=tabpanel][hidden]{display:block!important}.card,.headline dl>div{box-shadow:none;break-inside:avoid}}
`;
