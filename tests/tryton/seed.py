"""Fills a new database: one company, a kind of relation, and two salespeople with a key each. Prints what a test needs.

    seed.py CONFIGURATION DATABASE
"""
import json
import sys

import trytond.config as config

config.update_etc(sys.argv[1])

from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction  # noqa: E402

name = sys.argv[2]
Pool.start()
pool = Pool(name)
with Transaction().start(name, 0):
    pool.init()


def salesperson(full, login, key):
    """Not an administrator: what an administrator may do says nothing of what people may do."""
    Party, Employee, User = pool.get('party.party'), pool.get('company.employee'), pool.get('res.user')
    Application = pool.get('res.user.application')
    party, = Party.create([{
        'name': full,
        'contact_mechanisms': [('create', [{'type': 'email', 'value': f'{login}@nord.example'}])],
        }])
    employee, = Employee.create([{'party': party.id, 'company': company.id}])
    data = pool.get('ir.model.data')
    groups = [data.get_id(module, group) for module, group in [
        ('sale', 'group_sale'),
        ('sale_opportunity', 'group_opportunity'),
        ('project', 'group_project_admin'),
        ]]
    user, = User.create([{
        'name': full,
        'login': login,
        'email': f'{login}@nord.example',
        'groups': [('add', groups)],
        'companies': [('add', [company.id])],
        'company': company.id,
        'employees': [('add', [employee.id])],
        'employee': employee.id,
        }])
    Application.create([{'user': user.id, 'application': 'rest', 'key': key, 'state': 'validated'}])
    return {'user': user.id, 'employee': employee.id, 'party': party.id}


with Transaction().start(name, 0):
    Currency, Party, Company = pool.get('currency.currency'), pool.get('party.party'), pool.get('company.company')
    crown, = Currency.create([{'name': 'Norwegian krone', 'symbol': 'kr', 'code': 'NOK', 'digits': 2}])
    party, = Party.create([{'name': 'Nord AS'}])
    company, = Company.create([{'party': party.id, 'currency': crown.id}])

with Transaction().start(name, 0, context={'company': company.id, 'companies': [company.id]}) as transaction:
    Type = pool.get('party.relation.type')
    works, employs = Type.create([{'name': 'Works at'}, {'name': 'Employs'}])
    Type.write([works], {'reverse': employs.id}, [employs], {'reverse': works.id})
    told = {
        'company': company.id,
        'works_at': works.id,
        'kari': salesperson('Kari Sør', 'kari', sys.argv[3]),
        'ola': salesperson('Ola Nord', 'ola', sys.argv[4]),
        }
    admin, = pool.get('res.user').search([('login', '=', 'admin')])
    pool.get('res.user').write([admin], {'companies': [('add', [company.id])], 'company': company.id})
    pool.get('res.user.application').create([{
        'user': admin.id, 'application': 'rest', 'key': sys.argv[5], 'state': 'validated',
        }])
print(json.dumps(told))
