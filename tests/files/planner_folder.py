"""A small valid planner's folder that uses nearly everything, and edits that break it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from allocator.domain.errors import InvalidInput, Mistake
from allocator.files import read_scenario

MODEL = """\
model: small
currency: EUR
period: quarter
discount_rate: 0.10
cash_flow: end
segments: segments.csv
transitions: transitions.csv
treated: treated.csv
responses: responses.csv
resources:
  field_sales:
    kind: labour
    function: sales
    unit: north
    headcount: 4
    hours: 400
    wage: 9000
    hire: {cost: 2000, max: 2, ramp: [0.5, 0.8]}
    release: {cost: 3000, max: 1}
    overtime: {share: 0.1, cost: 40}
    partner: {hours: 300, cost: 55, quality: 0.9}
  shared_sales:
    kind: labour
    function: sales
    pool: field_sales
    headcount: 2
    hours: 400
  ports: {kind: fixed, function: production, capacity: [100, 110, 120, 130], cost: 2}
levers:
  visits:
    function: sales
    where: {stage: [core, at_risk], owner: us}
    effort: {max: 6}
    uses: {field_sales: 1.5}
    cost: 20
    setup: 500
    contacts: 1
  care:
    function: service
    where: {stage: at_risk}
    effort: {levels: [0, 1, 3]}
    uses: {ports: 0.1}
    cost: 5
    customer_value: 12
  winover:
    function: sales
    where: {owner: [market, rival]}
    effort: {max: 2}
    cost: 4
channels:
  search_ads:
    function: marketing
    where: {unit: north}
    spend: {min: 1000, max: 50000, fixed: 200}
    carryover: 0.3
    response: {curve: adbudg, low: 0, high: 180, half: 20000, shape: 1.6}
    into: {bronze: 0.8, silver: 0.2}
    uses: {field_sales: 0.4}
  calls:
    function: sales
    where: {unit: north}
    input: field_sales
    spend: {max: 200}
    response: {curve: points, efforts: [0, 100, 200], values: [0, 20, 30]}
    into: {bronze: 1.0}
programmes:
  cleaning:
    function: marketing
    cost: 10000
    running: 500
    lead: 1
  one_view:
    function: marketing
    cost: 20000
    window: [1, 3]
    requires: [cleaning]
    excludes: [agency]
    unlocks: [care, calls]
    boosts: {visits: 1.2}
    saves: {visits: 0.8}
    adds: {field_sales: 50}
  agency: {function: marketing, cost: 1000}
"""

SCENARIO = """\
scenario: small-growth
model: model.yaml
horizon: 4
terminal: baseline
budgets:
  - {name: all money, amount: 900e3}
  - {name: marketing, amount: 2.5e5, function: marketing, per: period}
  - name: north
    amount: 400000
    at_least: 1e4
    where: {unit: north}
    levers: [visits, care]
    periods: [1, 2, 3]
rules:
  - {rule: coverage, lever: visits, min_effort: 1, min_share: 0.2, where: {tier: gold}}
  - {rule: effort, lever: care, max: 2.5}
  - {rule: customers, where: {tier: gold}, min: 10, periods: [5]}
  - {rule: active, channels: [search_ads, calls], max: 2}
  - {rule: headcount, resources: field_sales, max: 8}
  - {rule: change, lever: visits, max: 0.5}
  - {rule: receivables, max: 1e7}
  - {rule: concentration, by: tier, max: 0.9}
risk:
  shocks: shocks.csv
  confidence: 0.5
  cvar_floor: 1000
current_plan: plan.csv
solver: {gap: 1e-4, time_limit: 60, threads: 2}
"""

SEGMENTS = """\
segment,owner,tier,stage,unit,customers,margin,revenue,collection_days,contacts_max,region
bronze,us,bronze,core,north/a,1000,40,90,30,4,east
silver,us,silver,at_risk,north/b,300,120,,,,east
gold,us,gold,core,south,100,500,900,60,,west
prospects,market,,prospect,north/a,5000,0,,,,
rivals,rival,,core,south,2000,80,,,,
"""

TRANSITIONS = """\
from,to,probability,period
bronze,bronze,0.8,
bronze,silver,0.05,
bronze,silver,0.08,2
silver,silver,0.6,
silver,bronze,0.1,
silver,gold,0.1,
gold,gold,0.8,
gold,rivals,0.1,
prospects,prospects,0.9,
prospects,bronze,0.01,
rivals,rivals,0.9,
rivals,silver,0.01,
"""

TREATED = """\
lever,effort,from,to,probability
care,1,silver,silver,0.65
care,1,silver,gold,0.12
care,3,silver,silver,0.7
care,3,silver,gold,0.14
"""

RESPONSES = """\
lever,effect,segment,tier,stage,unit,to,curve,low,high,half,shape,rate,slope,efforts,values
visits,retention,,,,,,adbudg,0,0.8,1.5,1.4,,,,
visits,retention,,gold,,,,adbudg,0,1.2,1.5,1.4,,,,
visits,migration,,bronze,,,silver,linear,,,,,,0.05,,
visits,margin,,,,,,exponential,,0.1,,,0.5,,,
care,margin_add,,,at_risk,north,,points,,,,,,,0;1;3,0;2;4
winover,acquisition,,,,,,linear,,,,,,0.4,,
"""

SHOCKS = """\
scenario,probability,segment,period,factor
bad,0.25,bronze,,0.7
bad,0.25,gold,2,0.5
good,0.75,bronze,,1.1
"""

PLAN = """\
kind,name,segment,period,value,share
effort,visits,gold,1,2,
effort,visits,gold,2,3,0.5
effort,care,silver,1,1,0.4
spend,search_ads,,1,5000,
headcount,field_sales,,2,5,
programme,cleaning,,1,,
"""

FILES = {
    "model.yaml": MODEL,
    "scenario.yaml": SCENARIO,
    "segments.csv": SEGMENTS,
    "transitions.csv": TRANSITIONS,
    "treated.csv": TREATED,
    "responses.csv": RESPONSES,
    "shocks.csv": SHOCKS,
    "plan.csv": PLAN,
}


@dataclass(frozen=True)
class Wrong:
    """An edit that makes one mistake, and what must be said about it.

    The mistake stands where ``at`` begins in the edited file (``at`` is unique there); in a table the
    column counts fields.
    """

    file: str
    old: str
    new: str
    at: str
    says: str
    expected: str = ""
    close: str = ""
    alone: bool = True
    """Whether it is the only mistake."""
    place_file: str = ""
    """File that the mistake is in, where it is not the edited one."""
    more: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file}:{self.at.strip()[:30]}:{self.says[:40]}"


def write_folder(folder: Path, changes: dict[str, str] | None = None) -> Path:
    """Write the folder, some files changed, and return the path of its scenario."""
    for name, text in {**FILES, **(changes or {})}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "scenario.yaml"


def edited(file: str, old: str, new: str) -> str:
    """The text of a file with one edit; ``old`` is unique in it."""
    text = FILES[file]
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    return text.replace(old, new)


def position(name: str, text: str, at: str) -> tuple[int, int]:
    """Line and column of ``at`` in ``text``; columns of a table count its fields."""
    assert text.count(at) == 1, f"{at!r} stands {text.count(at)} times in {name}"
    before = text[: text.index(at)]
    line = before.count("\n") + 1
    start = before.rpartition("\n")[2]
    return line, (start.count(",") if name.endswith(".csv") else len(start)) + 1


def mistakes(scenario: Path) -> list[Mistake]:
    """The mistakes of a scenario; none where it reads."""
    try:
        read_scenario(scenario)
    except InvalidInput as error:
        return list(error.mistakes)
    return []


def check_wrong(folder: Path, wrong: Wrong) -> None:
    """Make the mistake, and find it told at its place."""
    text = edited(wrong.file, wrong.old, wrong.new)
    changes = {wrong.file: text, **wrong.more}
    found = mistakes(write_folder(folder, changes))
    file = wrong.place_file or wrong.file
    line, column = position(file, {**FILES, **changes}[file], wrong.at)
    place = f"{folder / file}:{line}:{column}"
    matching = [mistake for mistake in found if mistake.place == place and wrong.says in mistake.message]
    told = "\n".join(map(str, found)) or "nothing"
    assert matching, f"expected at {place}: {wrong.says}\nfound: {told}"
    assert wrong.expected in matching[0].expected
    assert matching[0].close_match == wrong.close
    assert not wrong.alone or len(found) == 1, told


def extending(tmp_path: Path, text: str, name: str = "variant.yaml") -> Path:
    """A scenario that extends the small one."""
    write_folder(tmp_path)
    path = tmp_path / name
    path.write_text("extends: scenario.yaml\n" + text)
    return path
