import datetime as dt, time, collections, uuid
import pytest
from edu_pipeline.flow import publish, sync, year
from edu_pipeline.schema import PULLED
pytest_plugins=[]
from edu_pipeline_tests.stages import *  # noqa

@pytest.fixture
def world(server, template, locks, tmp_path, monkeypatch):
    from edu_pipeline_tests import stages
    from edu_pipeline.sandbox import clock as ck, server as sv, site as st
    from edu_pipeline.sandbox.city import build
    from edu_pipeline.contracts import suites
    old=suites.between
    def between(column,lo,hi,name):
        if isinstance(lo,str):
            g=suites._gx(); return g.ExpectColumnValuesToMatchRegex(column=column,regex="^",meta={"name":name})
        return old(column,lo,hi,name)
    monkeypatch.setattr(suites,"between",between)
    ck.move(tmp_path/"clock","year_end")
    box=sv.Sandbox(build("small"),tmp_path/"clock")
    cm=sv.running(box); url=cm.__enter__()
    st.write(tmp_path/"site",box.city,url)
    w=stages.World(box,url,tmp_path)
    name=f"edu_{uuid.uuid4().hex[:12]}"
    stages._copy(server, template, name)
    stages._point(monkeypatch, server, name, tmp_path)
    yield w
    cm.__exit__(None,None,None); stages._forget()

def test_it(world):
    (world.folder/"site"/"catalogue.yaml").write_text("collect: {health: true, religion: true, affiliation: true}\n")
    from edu_pipeline.settings import settings
    settings.cache_clear()
    world.at("year_end"); year.open_year(2023)
    for c in ("registry","hoaphuong"):
        t=time.time(); o=world.sync(c); print(c, round(time.time()-t,1), {k:(v.status if hasattr(v,'status') else v) for k,v in o.items()})
    print(o)
    t=time.time(); p=publish.publish(uuid.uuid4().hex); print('publish',round(time.time()-t,1),p)
    for e in PULLED:
        n=world.value(f"select count(*) from master.{e.name}")
        v=world.value(f"select count(*) from validated.{e.name} where connection_id='hoaphuong' or connection_id='registry'")
        q=world.rows(f"select unnest(failed) as r, count(*) from quarantine.{e.name} group by 1 order by 2 desc") if False else world.rows(f"select * from quarantine.{e.name} limit 1")
        w=world.rows(f"select reason,count(*) from waiting.{e.name} group by 1")
        cols=[f.name for f in e.fields]
        r=world.rows("select "+",".join(f"count({c})" for c in cols)+f" from master.{e.name}")[0]
        empty=[c for c,x in zip(cols,r) if not x]
        print(e.name, n, v, 'EMPTY',empty, 'waiting', [tuple(x) for x in w])
    try: print(world.rows("select entity, rule, count(*) from ops.finding group by 1,2 order by 1,3 desc"))
    except Exception as x: print(str(x)[:200])
    for e in PULLED:
        cols=[x[0] for x in world.rows(f"select column_name from information_schema.columns where table_schema='quarantine' and table_name='{e.name}'")]
        k=[c for c in cols if c in('rules','failed_rules','failed')]
        if k: 
            r=world.rows(f"select {k[0]}::text,connection_id,count(*) from quarantine.{e.name} group by 1,2")
            if r: print('Q',e.name,[tuple(x) for x in r])
    print(world.rows("select room,unit_id,entity,rule from ops.hold") if False else '')
    print([tuple(x) for x in world.rows("select resource,unit_id,fault from ops.scope where fault is not null")][:20])
