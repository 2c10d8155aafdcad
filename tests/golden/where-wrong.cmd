cat --where 'date >=' press
