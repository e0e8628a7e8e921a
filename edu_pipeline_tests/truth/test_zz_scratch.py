import pytest, time
@pytest.mark.parametrize("name", ["year_end","opening","applied"])
def test_warm(stage, name):
    t=time.time(); w=stage(name); print(name, time.time()-t)
    for r in w.rows("select entity,state,reason,owner,count(*) from ops.person_state where recorded_to is null group by 1,2,3,4 order by 1,2,3"): print("  ",tuple(r))
