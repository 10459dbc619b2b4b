def reach():
    pass
