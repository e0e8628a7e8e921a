import time, uuid
from edu_pipeline.flow import publish, rollover, warehouse
from edu_pipeline_tests.stages import World

def test_t(stage):
    t=time.time()
    def tick(what):
        nonlocal t
        print(f"{what}: {time.time()-t:.2f}", flush=True); t=time.time()
    w = stage("opening"); tick("stage")
    w2 = stage("opening"); tick("copy")
    o = w2.sync("saomai"); tick("saomai"); print(o['saomai'].failure, [ (v.room,v.entity,v.standing.row_count) for v in o['saomai'].admission.verdicts])
    o = w2.sync("lotus"); tick("lotus"); print(o['lotus'].failure, o['lotus'].admission.terms)
    p = publish.publish("x"); tick("publish"); print(p.closed, p.changes)
    m = warehouse.materialize("x"); tick("wh"); print(m.closed, m.changes)
    r = rollover.make_plan(2023, "p"); tick("plan"); print(r.failure)
    r = rollover.apply_plan(2023, "p", r.done[:1]); tick("apply"); print(r.failure, r.done)
    for s in ("landing","normalized","validated","quarantine","waiting","master","history","rollover","warehouse","ops"):
        print(s, w2.value("select count(*) from pg_tables where schemaname=:s", s=s))
    for r in w2.rows("select schemaname||'.'||relname t, n_live_tup n from pg_stat_user_tables where n_live_tup>0 order by 1"): print(r)
    for r in w2.rows("select * from ops.hold"): print(r)
    for r in w2.rows("select unit_id, connection_id, valid_from,valid_to from ops.authority"): print(r)
