from collections import Counter
from edu_pipeline.flow import rollover
from edu_pipeline_tests.rollover.test_random import register, Standing
from edu_pipeline_tests.rollover.drawn import *
from hypothesis import given, settings, Phase, HealthCheck
def test_it(register):
    @settings(max_examples=4, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(cities)
    def f(city):
        w=register.write(city); rollover.make_plan(2023,"x")
        s=Standing(register.app)
        c=Counter()
        plain={p.root for p in w.persons if p.pupil==Pupil()}
        print("schools", [(x.kind,x.event,len(x.rooms),sum(len(r.pupils) for r in x.rooms)) for x in city.schools], len(plain))
        for l in s.lines["closing"]:
            if l.student_id in plain: c[(l.decision,l.reason,tuple(l.flags),l.reported,l.ruled,l.placed)]+=1
        for k,n in c.most_common(): print("   ",n,k)
    f()
