import sys; sys.path.insert(0,"/tmp")
from conftime import wrap
from edu_pipeline.flow import dress, rollover, year
from edu_pipeline_tests.rollover import laws, test_random as tr
from edu_pipeline_tests.rollover.test_random import register
import edu_pipeline.flow.admit as admit, edu_pipeline.flow.plan as fp, edu_pipeline.flow.apply as fa, edu_pipeline.flow.reconcile as fr
for m,n in ((rollover,"make_plan"),(rollover,"apply_plan"),(rollover,"undo"),(dress,"rehearse"),(years:=tr.years,"close_year"),(tr.Register,"write"),(tr.Register,"approve"),(laws,"plan"),(laws,"applied"),(laws,"content"),(fp,"judge"),(fa,"judge"),(fr,"judge"),(tr.Written,"year_end"),(tr.Written,"autumn"),(tr,"Written"),(tr.Example,"lived"),(tr.Example,"amended"),(tr.Example,"undone_in_part")):
    wrap(m,n)
def test_it(register):
    tr._proven(register, int(__import__('os').environ.get('N','2')))
