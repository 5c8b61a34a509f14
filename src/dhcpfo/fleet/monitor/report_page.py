"""The template of `report`, with its style sheet."""

__all__ = ["PAGE"]

STYLE = """
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #fff; --text: #1c2330; --dim: #5c6675; --line: #d9dee6;
  --ok: #0a7d4b; --way: #1267b0; --care: #9a5b00; --bad: #b3261e; --unknown: #5f6470;
  --used-1: #1f6fb2; --used-2: #7db4e0; --free-1: #cfd8e3; --free-2: #e4eaf1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #12161d; --card: #1b212b; --text: #e6eaf0; --dim: #9aa5b5; --line: #323b49;
    --ok: #4ec995; --way: #6db3f2; --care: #f0b04c; --bad: #ff8a80; --unknown: #b0b6c2;
    --used-1: #4f9fe0; --used-2: #2c5f8c; --free-1: #3a4453; --free-2: #2a323e;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: clamp(0.8rem, 3vw, 2.5rem); background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
main, header, footer { max-width: 84rem; margin: 0 auto; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.4rem 0 0.8rem; font-size: 1.15rem; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: 0.3rem 0; } .dim, th, footer { color: var(--dim); }
header p { overflow-wrap: anywhere; }
.tiles { display: flex; flex-wrap: wrap; gap: 0.7rem; margin-top: 1.2rem; }
.tile { flex: 1 1 8rem; padding: 0.7rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 0.6rem; border-left: 0.35rem solid var(--tone); }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); }
.card { padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem;
  break-inside: avoid; min-width: 0; }
.card > .row { margin-top: 0.8rem; padding-top: 0.8rem; border-top: 1px solid var(--line); }
.states { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; margin: 0.5rem 0; }
.states div { padding: 0.35rem 0.6rem; border-radius: 0.4rem; border: 1px solid var(--tone);
  background: color-mix(in srgb, var(--tone) 9%, transparent); overflow-wrap: anywhere; min-width: 0; }
.states small { display: block; color: var(--dim); }
.states b { color: var(--tone); font-weight: 600; }
.ok { --tone: var(--ok); } .way { --tone: var(--way); } .care { --tone: var(--care); }
.bad, .critical, .error { --tone: var(--bad); } .warning { --tone: var(--care); } .note { --tone: var(--way); }
.unknown { --tone: var(--unknown); } .states .unknown { border-style: dashed; }
.tag { color: var(--tone); font-weight: 600; white-space: nowrap; }
.bar { display: flex; height: 0.8rem; border-radius: 0.3rem; overflow: hidden; background: var(--line); }
.bar i { display: block; min-width: 1px; }
.used-1 { background: var(--used-1); } .used-2 { background: var(--used-2); }
.free-1 { background: var(--free-1); } .free-2 { background: var(--free-2); }
.key { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; font-size: 0.85em; color: var(--dim); margin: 0.25rem 0; }
.key i { display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 0.15rem; margin-right: 0.35rem; }
details { margin-top: 0.4rem; } summary { cursor: pointer; color: var(--dim); }
.scope { display: grid; grid-template-columns: 8.5rem 1fr auto; gap: 0.6rem; align-items: center; font-size: 0.88em;
  margin: 0.25rem 0; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; }
table { border-collapse: collapse; width: 100%; min-width: 36rem; }
th, td { padding: 0.45rem 0.8rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
tr:first-child > th { border-top: 0; font-weight: 500; white-space: nowrap; }
td { overflow-wrap: break-word; word-break: break-word; min-width: 6.5rem; }
b, code, small { unicode-bidi: isolate; }
code { font: 0.9em ui-monospace, Consolas, monospace; }
.timeline { background: #fff; border: 1px solid var(--line); border-radius: 0.6rem; padding: 0.4rem;
  margin: 0.6rem 0; overflow-x: auto; break-inside: avoid; }
.timeline svg { display: block; max-width: 100%; height: auto; min-width: 40rem; }
footer { margin-top: 2.5rem; font-size: 0.85em; }
@media print {
  :root { --back: #fff; }
  body { padding: 0; font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .grid { display: block; } .card { margin-bottom: 0.8rem; } h2 { break-after: avoid; } tr { break-inside: avoid; }
  .timeline svg, table { min-width: 0; }
}
"""

BAR = """\
{% macro draw(bar) %}
<div class="bar" role="img" aria-label="{{ bar.text }}" title="{{ bar.text }}">
{% for part in bar.parts %}<i class="{{ part.kind }}" style="width: {{ part.percent }}%"></i>{% endfor %}
</div>
{% endmacro %}"""

PAGE = (
    BAR
    + """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{{ title }}</title>
<style>"""
    + STYLE
    + """</style>
</head>
<body>
<header>
<h1>{{ title }}</h1>
<p class="dim">Read <time datetime="{{ time.isoformat() }}">{{ time.strftime("%Y-%m-%d %H:%M:%S %Z") }}</time>
by {{ reader }}. {% if rights | length <= 8 %}{{ rights_text }}.{% endif %}</p>
{% if rights | length > 8 %}<details><summary>Rights of the reader</summary><p>{{ rights_text }}.</p></details>
{% endif %}
<div class="tiles">
<div class="tile bad"><b>{{ counts[0] }}</b>need attention</div>
<div class="tile unknown"><b>{{ counts[1] }}</b>not read completely</div>
<div class="tile ok"><b>{{ counts[2] }}</b>as they should be</div>
</div>
</header>
<main>
<h2>Findings</h2>
{% if findings %}
<div class="wide"><table aria-label="Findings">
<tr><th scope="col">Severity</th><th scope="col">Pair</th><th scope="col">About</th>
<th scope="col">What was found</th><th scope="col">What helps</th></tr>
{% for look, finding in findings %}
<tr><td class="tag {{ finding.severity }}">{{ finding.severity }}</td><td>{{ look.name }}</td>
<td>{{ finding.about or "both servers" }}</td>
<td><b>{{ finding.code }}</b> {{ finding.text }}
{% for side, value in finding.values.items() %}<br>{{ look.servers[side].name }}: {{ shown(value) }}{% endfor %}</td>
<td>{% if finding.repair %}<code>{{ finding.repair }}</code>{% endif %}</td></tr>
{% endfor %}
</table></div>
{% else %}
<p>Nothing was found{% if unread %} in what could be read{% endif %}.</p>
{% endif %}

<h2>Pairs</h2>
<div class="grid">
{% for card in cards %}
<section class="card">
<h3>{{ card.look.name }}</h3>
{% if not card.rows %}
<p class="dim">{% if card.rank == 1 %}Nothing is known: no server could be read{% else
%}No failover relationship between these servers{% endif %}</p>
{% endif %}
{% for row in card.rows %}
<div class="row">
<h3>{{ row.name }}</h3>
<div class="states">
{% for server, role, badge in row.ends %}
<div class="{{ badge.kind }}"><b>{{ badge.sign }} {{ badge.text }}</b>
<small>{{ server }}{% if role %}, {{ role }}{% endif %}</small></div>
{% endfor %}
</div>
<p class="dim">{{ row.share }} · MCLT {{ row.mclt }} · switches {{ row.switch }} · secret: {{ row.secret }} ·
{{ row.scopes }} scope{{ "" if row.scopes == 1 else "s" }}
{% if row.differs %} · <span class="tag warning">the copies differ</span>{% endif %}</p>
{% if row.bar %}
{{ draw(row.bar) }}
<div class="key">
{% for part in row.bar.parts %}<span><i class="{{ part.kind }}"></i>{{ part.count }} {{ part.label }}</span>{% endfor %}
</div>
{% if row.bars | length > 1 %}
<details><summary>Each scope</summary>
{% for bar in row.bars %}
<div class="scope"><span>{{ bar.name }}</span>{{ draw(bar) }}<span>{{ bar.total }}</span></div>
{% endfor %}
</details>
{% endif %}
{% endif %}
</div>
{% endfor %}
</section>
{% endfor %}
</div>

<h2>Differences between the two copies</h2>
{% if differences %}
<div class="wide"><table aria-label="Differences between the two copies">
<tr><th scope="col">Pair</th><th scope="col">Relationship</th><th scope="col">What</th>
<th scope="col">First server</th><th scope="col">Second server</th></tr>
{% for look, one, what, values in differences %}
<tr><td>{{ look.name }}</td><td>{{ one.name }}</td><td>{{ what }}</td>
{% for side in sides %}<td>{{ values[loop.index0] }}<br><small class="dim">{{ look.servers[side].name }}</small></td>
{% endfor %}</tr>
{% endfor %}
</table></div>
{% else %}
<p>The copies that could be read on both servers are the same.</p>
{% endif %}

{% if timelines %}
<h2>Timelines</h2>
{% for pair, name, drawing in timelines %}
<h3>{{ pair }}: {{ name }}</h3>
<div class="timeline">{{ drawing }}</div>
{% endfor %}
{% endif %}

<h2>What could not be read</h2>
{% if unread %}
<div class="wide"><table aria-label="What could not be read">
<tr><th scope="col">Pair</th><th scope="col">Server</th><th scope="col">What</th><th scope="col">Why</th></tr>
{% for entry in unread %}
<tr>{% for cell in entry %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</table></div>
{% else %}
<p>Everything that was asked for was read.</p>
{% endif %}
</main>
<footer>Made by dhcpfo {{ version }}. This page only shows; it contains no scripts and no secrets.</footer>
</body>
</html>
"""
)
