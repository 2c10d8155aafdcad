newwords --cohesion 3 coined
